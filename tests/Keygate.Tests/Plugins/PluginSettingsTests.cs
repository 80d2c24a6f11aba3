using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Plugins;

public sealed class PluginSettingsTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [BothEngines]
    public async Task A_plug_in_is_added_and_shown_without_its_secrets(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);

        var added = (await room.AddAsync(PluginsRoom.Request(" KA ", limits: new PluginLimits { Concurrency = 3, KeysPerDay = 50 }, settings: [("port", " 7051 ")]))).Value;

        added.Name.ShouldBe("KA");
        added.Settings.Select(s => $"{s.Key}={s.Value}").ShouldBe(["host=ka.example.com", "password=***", "port=7051"]);
        added.Limits.ShouldBe(new PluginLimits { Concurrency = 3, KeysPerDay = 50 });
        (added.Version, added.CreatedAt, added.PausedAt, added.LastCheck, added.Problem).ShouldBe((1, room.Time.GetUtcNow(), null, null, null));
        var lane = await room.LaneAsync(added.Id);
        (lane.Concurrency, lane.KeysPerHour, lane.KeysPerDay).ShouldBe((3, null, 50));
        var stored = await room.Database.ReadAsync(s => s.GetAsync<string>("select settings || secrets from plugins", null, _cancellation), _cancellation);
        stored.ShouldNotContain("planted-s3cret");
        stored.ShouldContain("password");
    }

    [Theory]
    [BothEngines]
    public async Task A_sealed_secret_is_bound_to_its_plug_in(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var first = await room.HasAsync();
        var second = await room.HasAsync(PluginsRoom.Request("Second", settings: [("password", "other")]));

        await room.Database.WriteAsync(tx => tx.ExecuteAsync(
            "update plugins set secrets = (select secrets from plugins where id = @first) where id = @second", new { first, second }, _cancellation), _cancellation);

        (await room.Host.IssuerAsync(second, _cancellation)).Error!.Code.ShouldBe("plugins.unusable");
        (await room.Host.IssuerAsync(first, _cancellation)).IsDone.ShouldBeTrue();
    }

    [Fact]
    public async Task All_faults_come_at_once_each_with_its_field()
    {
        await using var room = await PluginsRoom.OpenAsync();

        var refused = await room.AddAsync(new AddPluginRequest
        {
            Name = "", Kind = "issuer.test", Limits = new PluginLimits { Concurrency = 0, TimeoutSeconds = 0, KeysPerHour = -1 },
            Settings = new Dictionary<string, string?> { ["host"] = "a\nb", ["port"] = "70000", ["secure"] = "yes", ["colour"] = "red" },
        });

        Faults(refused).ShouldBe(
        [
            "name", "limits.concurrency", "limits.timeoutSeconds", "limits.keysPerHour", "settings.colour", "settings.host", "settings.port", "settings.secure", "settings.password",
        ]);
        refused.Error!.Others.Single(e => e.Field == "settings.port").Detail.ShouldBe("Port must be 1 to 65535, not 70000.");
    }

    [Fact]
    public async Task The_kind_itself_judges_settings_that_are_sound()
    {
        await using var room = await PluginsRoom.OpenAsync();

        Faults(await room.AddAsync(PluginsRoom.Request(settings: [("host", "nowhere")]))).ShouldBe(["settings.host", "settings.port"]);
    }

    [Fact]
    public async Task An_unknown_kind_is_named_with_those_that_there_are()
    {
        await using var room = await PluginsRoom.OpenAsync(Engine.Sqlite, new TestPluginFactory("issuer.old") { Manifest = new("issuer.old", "Old", "Old.", []) { ContractVersion = 0 } });

        (await room.AddAsync(PluginsRoom.Request(kind: "issuer.none"))).Error!.Detail.ShouldBe("There is no kind 'issuer.none'; there are issuer.old, issuer.test.");
        (await room.AddAsync(PluginsRoom.Request(kind: "issuer.old"))).Error!.Code.ShouldBe("plugins.contract-unknown");
    }

    [Theory]
    [BothEngines]
    public async Task A_name_is_given_once(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        await room.HasAsync();
        var second = await room.HasAsync(PluginsRoom.Request("Second"));

        (await room.AddAsync(PluginsRoom.Request())).Error!.Code.ShouldBe("plugins.name-taken");
        (await room.ChangeAsync(second, new ChangePluginRequest { Name = "KA" })).Error!.Code.ShouldBe("plugins.name-taken");
        (await room.ChangeAsync(second, new ChangePluginRequest { Name = "Second" })).IsDone.ShouldBeTrue();
    }

    [Theory]
    [BothEngines]
    public async Task A_change_keeps_what_is_left_out_and_a_hidden_secret(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine);
        var id = await room.HasAsync(PluginsRoom.Request(settings: [("port", "7051"), ("note", "a note")]));

        var changed = await room.ChangeAsync(id, Change(("host", "new.example.com"), ("password", "***"), ("port", null)));

        changed.Value.Settings.Select(s => $"{s.Key}={s.Value}").ShouldBe(["host=new.example.com", "note=a note", "password=***"]);
        changed.Value.Version.ShouldBe(2);
        (await room.TrailAsync())[^1].ShouldBe("anna plugin.changed plugin/1: host, password, port");
        await room.IssuerAsync(id);
        room.Kind.Made.Single().Context["password"].ShouldBe("planted-s3cret");
        room.Kind.Made.Single().Context["port"].ShouldBe("7050");
    }

    [Fact]
    public async Task A_change_can_give_a_new_secret_but_not_take_a_required_one_away()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();

        Faults(await room.ChangeAsync(id, Change(("password", null)))).ShouldBe(["settings.password"]);
        (await room.ChangeAsync(id, Change(("password", "new")))).IsDone.ShouldBeTrue();
        await room.IssuerAsync(id);
        room.Kind.Made.Single().Context["password"].ShouldBe("new");
    }

    [Fact]
    public async Task Three_stars_are_no_secret_where_there_is_none_yet()
    {
        await using var room = await PluginsRoom.OpenAsync();

        Faults(await room.AddAsync(PluginsRoom.Request(settings: [("password", Plugin.Hidden)]))).ShouldBe(["settings.password"]);
    }

    [Fact]
    public async Task A_change_from_an_old_version_is_refused()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        await room.ChangeAsync(id, Change(("host", "a.example.com")) with { Version = 1 });

        var late = await room.ChangeAsync(id, Change(("host", "b.example.com")) with { Version = 1 });

        late.Error!.Code.ShouldBe("plugins.changed-meanwhile");
        (await room.ShowAsync(id)).Settings["host"].ShouldBe("a.example.com");
    }

    [Fact]
    public async Task A_plug_in_whose_kind_is_gone_stays_listed_with_its_reason()
    {
        await using var room = await PluginsRoom.OpenAsync();
        var id = await room.HasAsync();
        await room.Database.WriteAsync(tx => tx.ExecuteAsync("update plugins set kind = 'issuer.gone'", null, _cancellation), _cancellation);

        var test = await room.Host.TestAsync(id, _cancellation);

        (await room.ShowAsync(id)).Problem.ShouldBe("There is no kind 'issuer.gone'; there are issuer.test.");
        test.Value.Passed.ShouldBeFalse();
        test.Value.Text.ShouldBe("'KA' cannot be loaded: There is no kind 'issuer.gone'; there are issuer.test.");
        (await room.ChangeAsync(id, Change(("host", "x")))).Error!.Code.ShouldBe("plugins.kind-unknown");
    }

    [Theory]
    [BothEngines]
    public async Task Lists_by_page_and_kind(Engine engine)
    {
        await using var room = await PluginsRoom.OpenAsync(engine, new TestPluginFactory("issuer.other"));
        foreach (var name in new[] { "a", "b", "c" })
        {
            await room.HasAsync(PluginsRoom.Request(name));
        }

        await room.HasAsync(PluginsRoom.Request("d", "issuer.other"));

        var first = await ListAsync(room, "issuer.test", new PageRequest(2, null));
        var second = await ListAsync(room, "issuer.test", new PageRequest(2, first.Value.Next));

        first.Value.Items.Select(p => p.Name).ShouldBe(["a", "b"]);
        second.Value.Items.Select(p => p.Name).ShouldBe(["c"]);
        second.Value.Next.ShouldBeNull();
        (await ListAsync(room, null, new PageRequest(2, first.Value.Next))).Error!.Code.ShouldBe("kernel.cursor-foreign");
        (await ListAsync(room, null, new PageRequest(50, null))).Value.Items.Count.ShouldBe(4);
    }

    [Fact]
    public void Two_factories_of_one_kind_are_a_fault_of_the_composition() =>
        Should.Throw<InvalidOperationException>(() => new PluginKinds([new TestPluginFactory(), new TestPluginFactory()])).Message.ShouldBe("Two plug-ins claim the kind 'issuer.test'.");

    private static ChangePluginRequest Change(params (string Name, string? Value)[] settings) => new() { Settings = settings.ToDictionary(s => s.Name, s => s.Value) };

    private static List<string?> Faults(Result<Plugin> result) => [result.Error!.Field, .. result.Error.Others.Select(e => e.Field)];

    private Task<Result<Page<Plugin>>> ListAsync(PluginsRoom room, string? kind, PageRequest page) =>
        room.Database.ReadAsync(s => room.Get<PluginReader>().ListAsync(s, kind, page, _cancellation), _cancellation);
}
