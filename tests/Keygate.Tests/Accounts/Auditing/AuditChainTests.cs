using Keygate.Accounts;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts.Auditing;

/// <summary>The chain over the audit trail: what it finds, and that it holds nobody up.</summary>
public sealed class AuditChainTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly MasterKey Key = MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value;
    private readonly Audit _audit = new(new ManualTime(), Key);
    private readonly AuditChain _chain = new(Key);

    [Theory, BothEngines]
    public async Task Any_row_altered_removed_or_inserted_is_found_and_so_is_any_change_of_the_chain(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        var database = test.Database;
        await WriteAsync(database, 6);
        (await LinkAllAsync(database)).ShouldBe(6);
        await WriteAsync(database, 1);
        var whole = await VerifyAsync(database);
        (whole.IsWhole, whole.Rows, whole.Pending, whole.Unsealed).ShouldBe((true, 6, 1, 0));
        var other = new Audit(new ManualTime(), MasterKey.Parse(Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray())).Value);

        // Each change is made by hand in the database, and taken back afterwards.
        (string Change, string Undo, AuditFault Fault, long? Row)[] changes =
        [
            ("update audit set detail = 'more' where id = 3", "update audit set detail = 'row 3' where id = 3", AuditFault.Altered, 3),
            ("update audit set at = at + 1 where id = 3", "update audit set at = at - 1 where id = 3", AuditFault.Altered, 3),
            ("update audit set actor_id = 8 where id = 3", "update audit set actor_id = 7 where id = 3", AuditFault.Altered, 3),
            ("update audit set actor_name = 'Bob' where id = 3", "update audit set actor_name = 'Ada' where id = 3", AuditFault.Altered, 3),
            // What leaves one field and enters the next is a change too.
            ("update audit set act = 'a', subject = 'bthing/3' where id = 3", "update audit set act = 'ab', subject = 'thing/3' where id = 3", AuditFault.Altered, 3),
            ("create table kept as select * from audit where id = 4; delete from audit where id = 4", "insert into audit select * from kept; drop table kept", AuditFault.Removed, 4),
            ("update audit set detail = 'more' where id = 7", "update audit set detail = 'row 7' where id = 7", AuditFault.Inserted, 7),
            ("insert into audit(id, at, actor_kind, actor_name, act, subject) values (90, 0, 'System', 'keygate', 'forged', 'x/1')", "delete from audit where id = 90", AuditFault.Inserted, 90),
            ("insert into audit(id, at, actor_kind, actor_name, act, subject) values (-5, 0, 'System', 'keygate', 'forged', 'x/1')", "delete from audit where id = -5", AuditFault.Inserted, -5),
            (Copy(91, 2), "delete from audit where id = 91", AuditFault.Inserted, 91),
            ("create table kept as select * from audit_links where seq = 2; delete from audit_links where seq = 2", "insert into audit_links select * from kept; drop table kept", AuditFault.ChainBroken, null),
            ("update audit_chain set seq = 5", "update audit_chain set seq = 6", AuditFault.ChainBroken, null),
            ("create table kept as select * from audit_chain; delete from audit_chain", "insert into audit_chain select * from kept; drop table kept", AuditFault.ChainBroken, null),
        ];
        foreach (var (change, undo, fault, row) in changes)
        {
            await RunAsync(database, change);
            var found = await VerifyAsync(database);
            found.IsWhole.ShouldBeFalse(change);
            found.Findings.ShouldContain(f => f.Fault == fault && (row == null || f.AuditId == row), change);

            await RunAsync(database, undo);
            (await VerifyAsync(database)).Findings.ShouldBeEmpty(undo);
        }

        // What the links said is no way around either: who changes row and digest has no key for the link.
        var id = await database.WriteAsync(async tx =>
        {
            await other.AddAsync(tx, Actor.Keygate, "forged", "x/1", null, None);
            return await tx.GetAsync<long>("select max(id) from audit", null, None);
        }, None);
        await RunAsync(database, Copy(900, 2));
        (await LinkAllAsync(database)).ShouldBe(3);
        var forged = await VerifyAsync(database);
        forged.Findings.Select(f => (f.Fault, f.AuditId)).ShouldBe([(AuditFault.Inserted, id), (AuditFault.Inserted, 900)], ignoreOrder: true);
    }

    [Theory, BothEngines]
    public async Task Rows_and_links_cut_off_at_the_end_are_found_with_an_end_that_was_kept(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        await WriteAsync(test.Database, 3);
        await LinkAllAsync(test.Database);
        await RunAsync(test.Database, "create table kept as select * from audit_chain");
        await WriteAsync(test.Database, 2);
        await LinkAllAsync(test.Database);
        var head = (await VerifyAsync(test.Database)).Head!;
        (await VerifyAsync(test.Database, head)).IsWhole.ShouldBeTrue();

        await RunAsync(test.Database, "delete from audit where id > 3; delete from audit_links where audit_id > 3; delete from audit_chain; insert into audit_chain select * from kept");

        (await VerifyAsync(test.Database)).IsWhole.ShouldBeTrue();
        (await VerifyAsync(test.Database, head)).Findings.ShouldHaveSingleItem().Fault.ShouldBe(AuditFault.ChainBroken);

        // The same length with other rows is not the same chain.
        await WriteAsync(test.Database, 2);
        await LinkAllAsync(test.Database);
        (await VerifyAsync(test.Database)).IsWhole.ShouldBeTrue();
        (await VerifyAsync(test.Database, head)).Findings.ShouldHaveSingleItem().Fault.ShouldBe(AuditFault.ChainBroken);
    }

    [Theory, BothEngines]
    public async Task Rows_from_before_the_chain_are_linked_as_they_are_and_none_without_a_seal_after_them(Engine engine)
    {
        await using var test = await CreateAsync(engine);
        const string Bare = "insert into audit(at, actor_kind, actor_name, act, subject) values (0, 'System', 'keygate', 'done', 'x/1')";
        await RunAsync(test.Database, $"{Bare}; {Bare}");

        await LinkAllAsync(test.Database);
        await WriteAsync(test.Database, 1);
        await LinkAllAsync(test.Database);
        var before = await VerifyAsync(test.Database);
        (before.IsWhole, before.Rows, before.Unsealed).ShouldBe((true, 3, 2));

        await RunAsync(test.Database, Bare);
        var foreign = await test.Database.WriteAsync(tx => _chain.LinkAsync(tx, None), None);
        foreign.Foreign.ShouldBe([4]);
        (await VerifyAsync(test.Database)).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Fault.ShouldBe(AuditFault.Inserted), f => f.AuditId.ShouldBe(4));
    }

    [Fact]
    public async Task A_row_whose_transaction_commits_late_is_linked_and_holds_nobody_up()
    {
        await using var test = await CreateAsync(Engine.PostgreSql);
        await WriteAsync(test.Database, 1);
        await LinkAllAsync(test.Database);
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());

        var late = test.Database.WriteAsync(async tx =>
        {
            await _audit.AddAsync(tx, Actor.Keygate, "late", "x/1", null, None);
            await tx.FlushAsync(None);
            begun.SetResult();
            await goOn.Task;
            return 0;
        }, None);
        await begun.Task;
        await WriteAsync(test.Database, 1);
        (await LinkAllAsync(test.Database)).ShouldBe(1);
        // Even when much time has passed, nothing is settled that could still come.
        await RunAsync(test.Database, "update audit_chain set next_at = 0");
        (await LinkAllAsync(test.Database)).ShouldBe(0);
        await RunAsync(test.Database, "update audit_chain set next_at = 0");
        (await LinkAllAsync(test.Database)).ShouldBe(0);
        goOn.SetResult();
        await late;

        (await LinkAllAsync(test.Database)).ShouldBe(1);
        (await VerifyAsync(test.Database)).ShouldSatisfyAllConditions(v => v.IsWhole.ShouldBeTrue(), v => v.Rows.ShouldBe(3));

        // Once it is over the numbers settle, and there is nothing to look for.
        for (var i = 0; i < 2; i++)
        {
            await RunAsync(test.Database, "update audit_chain set next_at = 0");
            await LinkAllAsync(test.Database);
        }

        (await test.Database.ReadAsync(s => AuditChain.IsBehindAsync(s, None), None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Several_nodes_link_each_row_once()
    {
        await using var test = await CreateAsync(Engine.PostgreSql);
        await WriteAsync(test.Database, 1200);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var node = Database.At(test.Database.Address);
            for (var left = 40; left > 0 && await node.ReadAsync(s => s.GetAsync<long>("select count(*) from audit_links", null, None), None) < 1201; left--)
            {
                await node.WriteAsync(tx => _chain.LinkAsync(tx, None), None);
            }
        })));
        await LinkAllAsync(test.Database);

        (await VerifyAsync(test.Database)).ShouldSatisfyAllConditions(v => v.IsWhole.ShouldBeTrue(), v => v.Rows.ShouldBe(1200));
    }

    private static Task<TestDatabase> CreateAsync(Engine engine) => TestDatabase.CreateAsync(engine, typeof(MasterKey).Assembly, typeof(AccountsModule).Assembly);

    private static string Copy(long id, long of) =>
        $"insert into audit(id, at, actor_kind, actor_id, actor_name, act, subject, detail, seal) select {id}, at, actor_kind, actor_id, actor_name, act, subject, detail, seal from audit where id = {of}";

    private static Task<int> RunAsync(Database database, string sql) => database.WriteAsync(async tx =>
    {
        foreach (var statement in sql.Split("; "))
        {
            await tx.ExecuteAsync(statement, null, None);
        }

        return 0;
    }, None);

    private static async Task<AuditVerification> VerifyAsync(Database database, params string[] heads) =>
        (await new VerifyAudit([new AuditedDatabase("provider", database)], Key).HandleAsync(heads, None)).Value.ShouldHaveSingleItem();

    private Task<int> WriteAsync(Database database, int rows) => database.WriteAsync(async tx =>
    {
        var next = await tx.GetAsync<long>("select coalesce(max(id), 0) + 1 from audit", null, None);
        for (var i = next; i < next + rows; i++)
        {
            await _audit.AddAsync(tx, new Actor(ActorKind.Staff, 7, "Ada"), "ab", $"thing/{i}", $"row {i}", None);
        }

        return 0;
    }, None);

    private async Task<int> LinkAllAsync(Database database)
    {
        var linked = 0;
        LinkRound round;
        do
        {
            round = await database.WriteAsync(tx => _chain.LinkAsync(tx, None), None);
            linked += round.Linked;
        }
        while (round.IsFull);
        return linked;
    }
}
