using System.Collections.Concurrent;
using System.Diagnostics;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Server;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Bench.Provisioning;

/// <summary>
/// The provider's server as an operator runs it, in this process, with a plan whose issuer answers at once and whose installer writes into a
/// folder. Orders are placed beforehand; measured is what follows the payment.
/// </summary>
internal sealed class ProviderUnderLoad : IAsyncDisposable
{
    public const string KeyType = "PLESK_10";
    private const string Currency = "EUR";
    private const int InFlight = 16;

    private readonly KeygateHost _host;
    private readonly string _folder;
    private readonly SemaphoreSlim _room = new(InFlight, InFlight);
    private readonly ConcurrentQueue<OrderView> _placed = new();
    private Action _installed = () => { };
    private AccountId _customer;
    private PlanId _plan;

    private ProviderUnderLoad(KeygateHost host, string folder) => (_host, _folder) = (host, folder);

    public KeygateHost Host => _host;

    public int Customer => _customer.Value;

    public int Installer { get; private set; }

    public Database Database => _host.Services.GetRequiredService<Database>();

    public static async Task<ProviderUnderLoad> StartAsync(DatabaseAddress? database, string folder, Action<WebApplicationBuilder>? adjust = null)
    {
        var settings = KeygateSettings.ForFolder(Path.Combine(folder, "data")) with
        {
            Http = new Uri("http://127.0.0.1:0"),
            BillingApi = null,
            Roles = new HashSet<Role> { Role.Provider, Role.Worker },
        };
        settings = database is null ? settings : settings with { Database = database };
        ProviderUnderLoad? provider = null;
        var host = KeygateHost.Build(settings, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Services.AddSingleton<IPluginFactory, MemoryIssuerFactory>();
            adjust?.Invoke(builder);
            builder.Services.AddSingleton(new WorkOptions { Passing = passed => provider!.Passed(passed), PassingAt = new HashSet<Work.Moment> { Work.Moment.Committed } });
        }).Value;
        provider = new ProviderUnderLoad(host, folder);
        _ = (await host.StartAsync(CancellationToken.None)).Value;
        await provider.SetUpAsync();
        return provider;
    }

    /// <summary>Places orders that nobody has paid yet.</summary>
    public Task PlaceAsync(int count)
    {
        var handler = _host.Services.GetRequiredService<PlaceOrder>();
        var request = new PlaceOrderRequest { CustomerId = _customer, PlanId = _plan, Resources = [new(KeyType)] };
        return Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (_, cancellation) =>
            _placed.Enqueue((await Database.WriteAsync(tx => handler.HandleAsync(tx, request, Actor.Keygate, cancellation), cancellation)).Value));
    }

    /// <summary>
    /// Pays orders that were placed, so that 16 are between payment and installation at any time; how long it took until the last was installed and
    /// its order complete.
    /// </summary>
    public async Task<TimeSpan> PayAsync(int count)
    {
        var handler = _host.Services.GetRequiredService<PayOrder>();
        using var left = new CountdownEvent(count);
        _installed = () =>
        {
            _room.Release();
            left.Signal();
        };
        var watch = Stopwatch.StartNew();
        var paying = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            await _room.WaitAsync();
            var order = _placed.TryDequeue(out var next) ? next : throw new InvalidOperationException("Too few orders were placed.");
            paying.Add(Task.Run(async () =>
            {
                var request = new PayOrderRequest { Amount = order.Total, Currency = order.Currency, Reference = "bench" };
                _ = (await Database.WriteAsync(tx => handler.HandleAsync(tx, order.Id, request, Actor.Keygate, CancellationToken.None), CancellationToken.None)).Value;
            }));
        }

        await Task.WhenAll(paying);
        return await Task.Run(() => left.Wait(TimeSpan.FromSeconds(60))) ? watch.Elapsed
            : throw new InvalidOperationException($"{left.CurrentCount} orders were not installed within a minute.");
    }

    /// <summary>Orders that are complete, and the files of theirs that lie in the subscriptions' folders.</summary>
    public async Task<(long Completed, int Files)> CountAsync() => (
        await Database.ReadAsync(s => s.GetAsync<long>(
            "select count(*) from orders o join licenses l on l.subscription_id = o.subscription_id where o.state = 'CP' and l.status = 'Installed'", null, CancellationToken.None),
            CancellationToken.None),
        Directory.EnumerateFiles(Path.Combine(_folder, "installed"), "*.xml", SearchOption.AllDirectories).Count());

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
    }

    // The commit of the last step completes license, item, order and subscription.
    private Task Passed(PassedMoment passed)
    {
        if (passed is { Moment: Work.Moment.Committed, Step: "install" })
        {
            _installed();
        }

        return Task.CompletedTask;
    }

    private async Task SetUpAsync()
    {
        var services = _host.Services;
        await WriteAsync(tx => services.GetRequiredService<CatalogEditor>().EditAsync(tx, Actor.Keygate, _ => new CatalogContents
        {
            Classes = [new LicenseClass { KeyType = KeyType, Name = "Plesk 10", Product = "Plesk", Version = "10", BillType = Catalog.BillType.Lease }],
        }, CancellationToken.None));
        _customer = (await WriteAsync(tx => services.GetRequiredService<CreateCustomer>().HandleAsync(
            tx, new CreateCustomerRequest { Name = "Northwind Traders", Email = "office@northwind.example" }, Actor.Keygate, CancellationToken.None))).Id;
        var issuer = await PluginAsync("Issuer", MemoryIssuerFactory.Kind, []);
        var installer = await PluginAsync("Installer", "installer.directory", new() { ["root"] = Path.Combine(_folder, "installed") });
        Installer = installer.Value;

        // What it offers is listed in the background; a plan is put on sale after that.
        await services.GetRequiredService<FetchOffer>().EnsureAsync(issuer, CancellationToken.None);
        _plan = (await WriteAsync(tx => services.GetRequiredService<AddPlan>().HandleAsync(tx, new AddPlanRequest
        {
            Name = "Virtual server",
            Currency = Currency,
            IssuerId = issuer,
            InstallerId = installer,
            Periods = [new PeriodInput { Period = 1, SubscriptionFee = 990, RenewalFee = 990 }],
            Rates = [new RateInput { Resource = KeyType, RecurringFee = 650 }],
        }, Actor.Keygate, CancellationToken.None))).Id;
    }

    public async Task<PluginId> PluginAsync(string name, string kind, Dictionary<string, string?> settings) => (await WriteAsync(tx =>
        _host.Services.GetRequiredService<AddPlugin>().HandleAsync(tx, new AddPluginRequest { Name = name, Kind = kind, Settings = settings }, Actor.Keygate, CancellationToken.None))).Id;

    private async Task<T> WriteAsync<T>(Func<Tx, Task<Result<T>>> write) => (await Database.WriteAsync(write, CancellationToken.None)).Value;
}
