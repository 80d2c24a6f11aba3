using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Tests.Plugins;

/// <summary>The plug-ins room as the host composes it, over a database of its own.</summary>
internal sealed class PluginsRoom : IAsyncDisposable
{
    public static readonly Actor Anna = new(ActorKind.Staff, 1, "anna");

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private readonly MasterKey _key;
    private readonly bool _beside;

    private PluginsRoom(TestDatabase database, ServiceProvider services, ManualTime time, TestPluginFactory kind, MasterKey key, bool beside) =>
        (_database, _services, Time, Kind, _key, _beside) = (database, services, time, kind, key, beside);

    public ManualTime Time { get; }

    public TestPluginFactory Kind { get; }

    public Database Database => _database.Database;

    public PluginHost Host => Get<PluginHost>();

    /// <summary>The room with rates and breakers that follow <see cref="Time"/> instead of real time.</summary>
    public static async Task<PluginsRoom> OpenByClockAsync() => Compose(
        await TestDatabase.CreateAsync(Engine.Sqlite, typeof(AccountsModule).Assembly, typeof(WorkModule).Assembly, typeof(PluginsModule).Assembly),
        new ManualTime(), new TestPluginFactory(), MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value, [], byClock: true);

    public static async Task<PluginsRoom> OpenAsync(Engine engine = Engine.Sqlite, params IPluginFactory[] further)
    {
        var database = await TestDatabase.CreateAsync(engine, typeof(AccountsModule).Assembly, typeof(WorkModule).Assembly, typeof(PluginsModule).Assembly);
        return Compose(database, new ManualTime(), new TestPluginFactory(), MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value, further);
    }

    /// <summary>The same room in another process: one database, another host.</summary>
    public PluginsRoom Beside() => Compose(_database, Time, Kind, _key, [], beside: true);

    private static PluginsRoom Compose(
        TestDatabase database, ManualTime time, TestPluginFactory kind, MasterKey key, IPluginFactory[] further, bool byClock = false, bool beside = false)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(time).AddSingleton(database.Database).AddSingleton(key).AddAccounts().AddWork().AddPlugins(byClock ? time : null);
        foreach (var factory in (IPluginFactory[])[kind, .. further])
        {
            services.AddSingleton(factory);
        }

        return new PluginsRoom(database, services.BuildServiceProvider(), time, kind, key, beside);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static AddPluginRequest Request(string name = "KA", string kind = "issuer.test", PluginLimits? limits = null, params (string Name, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["host"] = "ka.example.com", ["password"] = "planted-s3cret" };
        foreach (var (setting, value) in settings)
        {
            all[setting] = value;
        }

        return new AddPluginRequest { Name = name, Kind = kind, Settings = all, Limits = limits };
    }

    public Task<Result<Plugin>> AddAsync(AddPluginRequest request) =>
        Database.WriteAsync(tx => Get<AddPlugin>().HandleAsync(tx, request, Anna, CancellationToken.None), CancellationToken.None);

    public async Task<PluginId> HasAsync(AddPluginRequest? request = null) => (await AddAsync(request ?? Request())).Value.Id;

    public Task<Result<Plugin>> ChangeAsync(PluginId id, ChangePluginRequest request) =>
        Database.WriteAsync(tx => Get<ChangePlugin>().HandleAsync(tx, id, request, Anna, CancellationToken.None), CancellationToken.None);

    public async Task<Plugin> ShowAsync(PluginId id) =>
        (await Database.ReadAsync(s => Get<PluginReader>().FindAsync(s, id, CancellationToken.None), CancellationToken.None))!;

    public async Task<LaneView> LaneAsync(PluginId id) =>
        (await Database.ReadAsync(s => Get<Lanes>().ListAsync(s, CancellationToken.None), CancellationToken.None)).Single(l => l.Lane == id.Lane);

    /// <summary>The audit trail, oldest first: who, what, detail.</summary>
    public async Task<List<string>> TrailAsync() =>
        (await Database.ReadAsync(s => s.QueryAsync<TrailRow>("select actor_name, act, subject, detail from audit order by id", null, CancellationToken.None), CancellationToken.None))
        .ConvertAll(r => $"{r.ActorName} {r.Act} {r.Subject}: {r.Detail}");

    private sealed class TrailRow
    {
        public string ActorName { get; init; } = "";
        public string Act { get; init; } = "";
        public string Subject { get; init; } = "";
        public string? Detail { get; init; }
    }

    public async Task<Issuer> IssuerAsync(PluginId id) => (await Host.IssuerAsync(id, CancellationToken.None)).Value;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (!_beside)
        {
            await _database.DisposeAsync();
        }
    }
}
