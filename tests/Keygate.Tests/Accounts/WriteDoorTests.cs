using System.Text;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts;

public sealed class WriteDoorTests
{
    private static readonly Error Refusal = AccountsErrors.LoginTaken;
    private static readonly MasterKey Key = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value;

    [Theory, BothEngines]
    public async Task Repeats_the_first_answer_and_does_nothing_twice(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var door = DoorOf(test.Database);

        var first = await door.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"));
        var second = Request("k");
        var repeated = await door.WriteAsync(second, "body", (tx, actor) => AddAsync(tx, "Ann"));

        repeated.Value.ShouldBe(first.Value);
        second.Response.Headers["Idempotency-Replayed"].ToString().ShouldBe("true");
        (await CountAsync(test.Database, "customers")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Refuses_other_contents_under_the_same_key(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var door = DoorOf(test.Database);
        await door.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"));

        var otherBody = await door.WriteAsync(Request("k"), "other", (tx, actor) => AddAsync(tx, "Bob"));
        var otherPath = await door.WriteAsync(Request("k", path: "/elsewhere"), "body", (tx, actor) => AddAsync(tx, "Bob"));

        otherBody.Error!.Code.ShouldBe("accounts.idempotency-key-reused");
        otherPath.Error!.Code.ShouldBe("accounts.idempotency-key-reused");
        (await CountAsync(test.Database, "customers")).ShouldBe(1);
    }

    [Theory, BothEngines]
    public async Task Refuses_a_second_call_while_the_first_is_under_way(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var door = DoorOf(test.Database);
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());

        var first = door.WriteAsync(Request("k"), "body", async (tx, actor) =>
        {
            begun.SetResult();
            await goOn.Task;
            return await AddAsync(tx, "Ann");
        });
        await begun.Task;
        var parallel = await door.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"));
        goOn.SetResult();

        parallel.Error!.Code.ShouldBe("accounts.idempotency-key-in-use");
        var made = (await first).Value;
        (await door.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"))).Value.ShouldBe(made);
    }

    [Fact]
    public async Task Refuses_a_second_call_at_another_process_while_the_first_is_under_way()
    {
        await using var test = await CreateAsync(Engine.PostgreSql);
        var (one, other) = (DoorOf(test.Database), DoorOf(test.OpenAgain()));
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());

        var first = one.WriteAsync(Request("k"), "body", async (tx, actor) =>
        {
            begun.SetResult();
            await goOn.Task;
            return await AddAsync(tx, "Ann");
        });
        await begun.Task;
        var parallel = await other.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"));
        goOn.SetResult();

        parallel.Error!.Code.ShouldBe("accounts.idempotency-key-in-use");
        var made = (await first).Value;
        (await other.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"))).Value.ShouldBe(made);
    }

    [Theory, BothEngines]
    public async Task Keeps_nothing_of_a_refusal(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var door = DoorOf(test.Database);

        var refused = await door.WriteAsync(Request("k"), "body", async (tx, actor) =>
        {
            await AddAsync(tx, "Ann");
            return (Result<string>)Refusal;
        });
        (await CountAsync(test.Database, "customers")).ShouldBe(0);
        var done = await door.WriteAsync(Request("k"), "body", (tx, actor) => AddAsync(tx, "Ann"));

        refused.Error.ShouldBe(Refusal);
        done.IsDone.ShouldBeTrue();
    }

    [Theory, BothEngines]
    public async Task Keeps_the_keys_of_two_actors_apart(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var door = DoorOf(test.Database);

        await door.WriteAsync(Request("k", actor: 1), "body", (tx, actor) => AddAsync(tx, "Ann"));
        var other = Request("k", actor: 2);
        (await door.WriteAsync(other, "body", (tx, actor) => AddAsync(tx, "Ann"))).IsDone.ShouldBeTrue();

        other.Response.Headers.ShouldNotContainKey("Idempotency-Replayed");
        (await CountAsync(test.Database, "customers")).ShouldBe(2);
    }

    [Theory, BothEngines]
    public async Task Stores_the_answer_unreadable(Engine engine)
    {
        await using var test = await CreateAsync(engine);

        await DoorOf(test.Database).WriteAsync<string>(Request("k"), "body", (tx, actor) => Task.FromResult<Result<string>>("planted-secret"));

        var answer = await test.Database.ReadAsync(s => s.GetAsync<byte[]>("select answer from idempotency_keys", null, CancellationToken.None), CancellationToken.None);
        Encoding.UTF8.GetString(answer).ShouldNotContain("planted");
    }

    [Fact]
    public async Task Wants_a_key_where_the_endpoint_says_so()
    {
        await using var test = await CreateAsync(Engine.Sqlite);
        var http = Request(null);
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(RequireIdempotencyKey.It), "orders"));

        var answer = await DoorOf(test.Database).WriteAsync(http, "body", (tx, actor) => AddAsync(tx, "Ann"));

        answer.Error!.Code.ShouldBe("accounts.idempotency-key-missing");
        (await CountAsync(test.Database, "customers")).ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("schlüssel")]
    public async Task Refuses_a_key_that_is_none(string key)
    {
        await using var test = await CreateAsync(Engine.Sqlite);

        var answer = await DoorOf(test.Database).WriteAsync(Request(key), "body", (tx, actor) => AddAsync(tx, "Ann"));

        answer.Error!.Code.ShouldBe("accounts.idempotency-key-invalid");
    }

    private static Task<TestDatabase> CreateAsync(Engine engine) => TestDatabase.CreateAsync(engine, typeof(Database).Assembly, typeof(WriteDoor).Assembly);

    private static WriteDoor DoorOf(Database database) => new(database, Key, TimeProvider.System);

    private static DefaultHttpContext Request(string? key, int actor = 1, string path = "/api/v1/customers")
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.Path = path;
        http.SetActor(new Actor(ActorKind.Staff, actor, "Ann"));
        if (key is not null)
        {
            http.Request.Headers["Idempotency-Key"] = key;
        }

        return http;
    }

    private static async Task<Result<string>> AddAsync(Tx tx, string name) =>
        (await new CustomerStore(TimeProvider.System).AddAsync(tx, name, "a@example.org", null, CancellationToken.None)).Id.ToString();

    private static Task<long> CountAsync(Database database, string table) =>
        database.ReadAsync(s => s.GetAsync<long>($"select count(*) from {table}", null, CancellationToken.None), CancellationToken.None);
}
