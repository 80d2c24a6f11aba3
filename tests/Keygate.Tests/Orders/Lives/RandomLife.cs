using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;

namespace Keygate.Tests.Orders.Lives;

/// <summary>
/// The provider's side without its doors, driven by chance: people who do what they may and may not, plug-ins that answer as they like, processes that
/// die between any two steps, and a clock that jumps. The same seed makes the same life.
/// </summary>
#pragma warning disable CA5394 // Repeatable on purpose.
internal sealed class RandomLife : IAsyncDisposable
{
    private static readonly Actor Anna = new(ActorKind.Staff, 1, "anna");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TestDatabase _database;
    private readonly MasterKey _key = MasterKey.Parse(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Value;
    private readonly ManualTime _time = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly ChanceIssuer _issuer;
    private readonly ChanceInstaller _installer;
    private readonly List<string> _told = [];
    private readonly List<string> _unannounced = [];
    private readonly List<PlanId> _plans = [];
    private readonly List<PluginId> _plugins = [];
    private readonly (int Share, string Name, Func<Task<string>> Act)[] _acts;
    private ServiceProvider _process;
    private AccountId _customer;
    private int _lives;
    private int _uploads;
    private int _killAt;
    private bool _killed;

    private RandomLife(TestDatabase database, int seed)
    {
        (_database, _seed, _random) = (database, seed, new Random(seed));
        _issuer = new ChanceIssuer(seed, _time) { Seen = SeenAsync };
        _installer = new ChanceInstaller(seed);
        _process = Compose();
        _acts =
        [
            (12, "place", PlaceAsync), (12, "pay", PayAsync), (3, "hold", () => OnOrderAsync<HoldOrder>((h, tx, o) => h.HandleAsync(tx, o, Because, Anna, None))),
            (3, "open", () => OnOrderAsync<OpenOrder>((h, tx, o) => h.HandleAsync(tx, o, Because, Anna, None))),
            (3, "approve", () => OnOrderAsync<ApproveOrder>((h, tx, o) => h.HandleAsync(tx, o, Because, Anna, None))),
            (4, "cancel", () => OnOrderAsync<CancelOrder>((h, tx, o) => h.HandleAsync(tx, o, Because, Anna, None))),
            (6, "resubmit", () => OnOrderAsync<ResubmitOrder>((h, tx, o) => h.HandleAsync(tx, o, Anna, None))),
            (5, "callback", CallbackAsync), (2, "request", RequestAsync),
            (3, "issue", () => OnLicenseAsync<IssueLicense>((h, tx, l) => h.HandleAsync(tx, l, Anna, None))),
            (5, "activate", () => OnLicenseAsync<ActivateLicense>((h, tx, l) => h.HandleAsync(tx, l, new ActivationInput("HW-17", null), Anna, None))),
            (3, "retrieve", () => OnLicenseAsync<RetrieveLicense>((h, tx, l) => h.HandleAsync(tx, l, Anna, None))),
            (3, "install", () => OnLicenseAsync<InstallLicense>((h, tx, l) => h.HandleAsync(tx, l, Anna, None))),
            (2, "record installed", () => OnLicenseAsync<RecordInstalled>((h, tx, l) => h.HandleAsync(tx, l, new RecordInstalledRequest { Where = "rack 4" }, Anna, None))),
            (2, "terminate", () => OnLicenseAsync<TerminateLicense>((h, tx, l) => h.HandleAsync(tx, l, new TerminateLicenseRequest { Reason = "by chance" }, Anna, None))),
            (5, "upload", UploadAsync), (2, "upload stock", UploadStockAsync), (3, "assign", AssignAsync),
            (1, "unassign", () => OnLicenseAsync<Keygate.Orders.AssignLicense>((h, tx, l) => h.UnassignAsync(tx, l, Anna, None))),
            (4, "adopt key", AdoptAsync), (2, "confirm no key", () => OnLicenseAsync<ConfirmNoKey>((h, tx, l) => h.HandleAsync(tx, l, Anna, None))),
            (2, "pause", () => OnPluginAsync<PausePlugin>(async (h, tx, p) => (await h.HandleAsync(tx, p, new PausePluginRequest { Reason = "by chance" }, Anna, None)).Map(_ => Done.It))),
            (4, "resume", () => OnPluginAsync<ResumePlugin>(async (h, tx, p) => (await h.HandleAsync(tx, p, Anna, None)).Map(_ => Done.It))),
            (2, "limit", LimitAsync),
            (6, "attention", AttentionAsync), (36, "run", RunAsync), (14, "die", DieAsync), (14, "wait", WaitAsync),
        ];
    }

    /// <summary>What was done so far, a line each.</summary>
    public string Told => string.Join('\n', _told.Prepend(string.Create(CultureInfo.InvariantCulture, $"seed {_seed}, {_database.Engine}")));

    private static OrderReason Because => new() { Reason = "by chance" };

    public static async Task<RandomLife> BeginAsync(Engine engine, int seed)
    {
        var database = await TestDatabase.CreateAsync(
            engine, typeof(MasterKey).Assembly, typeof(WorkModule).Assembly, typeof(AccountsModule).Assembly, typeof(CatalogModule).Assembly, typeof(PluginsModule).Assembly,
            typeof(LicensingModule).Assembly, typeof(OrdersModule).Assembly);
        var life = new RandomLife(database, seed);
        await life.SetUpAsync();
        return life;
    }

    /// <summary>Does something by chance, then asks whether all holds that must.</summary>
    public async Task LiveAsync()
    {
        var drawn = _random.Next(_acts.Sum(a => a.Share));
        var (_, name, act) = _acts.First(a => (drawn -= a.Share) < 0);
        _told.Add(name);
        var said = await act();
        _told[^1] += $" {said}";
        await HoldsAsync();
    }

    /// <summary>Everything answers from now on, and time passes: what can come to its end by itself does; then people do what is left for them.</summary>
    public async Task EndAsync()
    {
        (_issuer.Good, _installer.Good, _killAt) = (true, true, 0);
        foreach (var plugin in _plugins)
        {
            await WriteAsync(tx => Get<ResumePlugin>().HandleAsync(tx, plugin, Anna, None));
            await WriteAsync(tx => Get<ChangePlugin>().HandleAsync(tx, plugin, new ChangePluginRequest { Limits = new PluginLimits() }, Anna, None));
        }

        await PassAsync();
        await NothingForgottenAsync();
        for (var round = 0; round < 3; round++)
        {
            await PeopleAsync();
            await PassAsync();
        }

        await NothingForgottenAsync();
        await NoKeyTwiceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _database.DisposeAsync();
    }

    private T Get<T>()
        where T : notnull => _process.GetRequiredService<T>();

    private ServiceProvider Compose()
    {
        _lives++;
        var services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton<TimeProvider>(_time).AddSingleton(_database.Database).AddSingleton(_key).AddSingleton<Outbox>()
            .AddSingleton<IPluginFactory>(_issuer).AddSingleton<IPluginFactory>(_installer).AddSingleton<IPluginFactory>(new Keygate.Issuers.OfflineFactory());
        services.AddAccounts().AddWork().AddCatalog().AddPlugins(_time).AddLicensing().AddOrders();

        // One process at a time, so that the same seed draws the same.
        services.AddSingleton(p => new WorkEngine(
            _database.Database, p.GetServices<Process>, p.GetServices<RecurringJob>, _time, new WorkOptions { HeldMax = 1, Passing = PassedAsync }, NullLogger<WorkEngine>.Instance,
            Chance.Seeded(_seed + (1000 * _lives))));
        return services.BuildServiceProvider();
    }

    private async Task SetUpAsync()
    {
        await WriteAsync(tx => Get<CatalogEditor>().EditAsync(tx, Anna, _ => Hosting.Contents, None));
        _customer = (await WriteAsync(tx => Get<CreateCustomer>().HandleAsync(tx, new CreateCustomerRequest { Name = "Northwind", Email = "office@northwind.example" }, Anna, None))).Value.Id;
        foreach (var kind in new[] { "issuer.chance", "installer.chance", "issuer.offline" })
        {
            _plugins.Add((await WriteAsync(tx => Get<AddPlugin>().HandleAsync(tx, new AddPluginRequest { Name = kind, Kind = kind }, Anna, None))).Value.Id);
        }

        await WriteAsync(tx => Get<SelectOffer>().HandleAsync(
            tx, _plugins[2], new SelectOfferRequest { KeyTypes = [Hosting.Plesk, Hosting.Antivirus, Hosting.Activated], Features = [Hosting.Domains30] }, Anna, None));
        await RunAsync();
        foreach (var (gate, issuer, installer, approval) in new[] { (HostingGate.Dummy, 0, true, false), (HostingGate.Callback, 0, true, false), (HostingGate.Dummy, 0, false, true), (HostingGate.Dummy, 2, true, false) })
        {
            _plans.Add((await WriteAsync(tx => Get<AddPlan>().HandleAsync(tx, new AddPlanRequest
            {
                Name = $"Plan {_plans.Count}", Currency = "EUR", HostingGate = gate, IssuerId = _plugins[issuer], InstallerId = installer ? _plugins[1] : null, ApprovalNeeded = approval,
                Periods = [new PeriodInput { Period = 1, SubscriptionFee = 990 }],
                Rates = [.. new[] { Hosting.Plesk, Hosting.Domains30, Hosting.Antivirus, Hosting.Activated }.Select(r => new RateInput { Resource = r, MaxUnits = 2, RecurringFee = 100 })],
            }, Anna, None))).Value.Id);
        }

        await RunAsync();
    }

    private Task<Result<T>> WriteAsync<T>(Func<Tx, Task<Result<T>>> act) => _database.Database.WriteAsync(act, None);

    private Task<T> ReadAsync<T>(Func<Session, Task<T>> read) => _database.Database.ReadAsync(read, None);

    private static string Said<T>(Result<T> result) => result.TryGet(out _, out var error) ? "done" : error.Code;

    private async Task<int> AnyAsync(string table)
    {
        var ids = await ReadAsync(s => s.QueryAsync<int>($"select id from {table} order by id", null, None));
        return ids.Count == 0 ? 1 : ids[_random.Next(ids.Count)];
    }

    private async Task<string> OnOrderAsync<T>(Func<T, Tx, OrderId, Task<Result<OrderView>>> act)
        where T : notnull
    {
        var order = OrderId.Of(await AnyAsync("orders"));
        return $"{order}: {Said(await WriteAsync(tx => act(Get<T>(), tx, order)))}";
    }

    private async Task<string> OnLicenseAsync<T>(Func<T, Tx, LicenseId, Task<Result<LicenseAccepted>>> act)
        where T : notnull
    {
        var license = LicenseId.Of(await AnyAsync("licenses"));
        return $"{license}: {Said(await WriteAsync(tx => act(Get<T>(), tx, license)))}";
    }

    private async Task<string> OnLicenseAsync<T>(Func<T, Tx, LicenseId, Task<Result<LicenseDetails>>> act)
        where T : notnull
    {
        var license = LicenseId.Of(await AnyAsync("licenses"));
        return $"{license}: {Said(await WriteAsync(tx => act(Get<T>(), tx, license)))}";
    }

    private async Task<string> OnPluginAsync<T>(Func<T, Tx, PluginId, Task<Result<Done>>> act)
        where T : notnull
    {
        var plugin = _plugins[_random.Next(2)];
        return $"{plugin}: {Said(await WriteAsync(tx => act(Get<T>(), tx, plugin)))}";
    }

    private async Task<string> PlaceAsync()
    {
        var resources = _random.Next(5) switch
        {
            0 => new[] { new ResourceInput(Hosting.Activated) },
            1 => [new ResourceInput(Hosting.Plesk), new ResourceInput(Hosting.Domains30), new ResourceInput(Hosting.Antivirus)],
            2 => [new ResourceInput(Hosting.Plesk, 2), new ResourceInput(Hosting.Domains30)],
            _ => [new ResourceInput(Hosting.Plesk), new ResourceInput(Hosting.Domains30)],
        };
        var request = new PlaceOrderRequest
        {
            CustomerId = _customer, PlanId = _plans[_random.Next(_plans.Count)], Resources = resources, SubscriptionName = "life.example", Target = "node4", Open = _random.Next(5) > 0,
        };
        var placed = Said(await WriteAsync(tx => Get<PlaceOrder>().HandleAsync(tx, request, Anna, None)));
        return _random.Next(3) > 0 ? $"{placed}, pay {await PayAsync()}" : placed;
    }

    private async Task<string> PayAsync()
    {
        var unpaid = await ReadAsync(s => s.QueryAsync<int>("select id from orders where state = 'WP' order by id", null, None));
        var order = OrderId.Of(unpaid.Count > 0 && _random.Next(10) > 0 ? unpaid[_random.Next(unpaid.Count)] : await AnyAsync("orders"));
        var owed = await ReadAsync(s => s.FindAsync<long?>("select total from orders where id = @order", new { order }, None)) ?? 1;
        return $"{order}: {Said(await WriteAsync(tx => Get<PayOrder>().HandleAsync(tx, order, new PayOrderRequest { Amount = owed, Currency = "EUR" }, Anna, None)))}";
    }

    private async Task<string> CallbackAsync()
    {
        var item = ItemId.Of(await AnyAsync("provisioning_items where kind = 'Hosting' and status <> 'Completed'"));
        var said = new CompleteItemRequest { IssuedSuccessfully = _random.Next(4) > 0, Message = "by chance" };
        return $"{item} {said.IssuedSuccessfully}: {Said(await WriteAsync(tx => Get<CompleteItem>().HandleAsync(tx, item, null, said, Anna, None)))}";
    }

    private async Task<string> RequestAsync() => Said(await WriteAsync(tx => Get<RequestLicense>().HandleAsync(tx, Request(_plugins[0]), Anna, None)));

    private RequestLicenseRequest Request(PluginId issuer) => new() { KeyType = Hosting.Plesk, Features = [Hosting.Domains30], Issuer = issuer, Installer = _plugins[1], Target = "node5" };

    private async Task<string> UploadAsync()
    {
        var license = LicenseId.Of(await AnyAsync("licenses where uploaded_at is null and parent_id is null"));
        var wanted = await ReadAsync(s => s.QueryAsync<string>("select key_type from licenses where id = @license or (parent_id = @license and ordered) order by id", new { license }, None));
        var keys = wanted.ConvertAll(w => new UploadKey { KeyNumber = NextUpload(), KeyType = w });
        var files = keys.ConvertAll(k => new UploadFile { Name = $"{k.KeyNumber}.xml", Content = Encoding.UTF8.GetBytes($"<key>{k.KeyNumber}</key>") });
        return files.Count == 0 ? "none" : $"{license}: {Said(await WriteAsync(tx => Get<UploadLicense>().HandleAsync(tx, license, new UploadLicenseRequest { Keys = keys, Files = files, ExpirationDate = InAMonth }, Anna, None)))}";
    }

    private async Task<string> UploadStockAsync()
    {
        var number = NextUpload();
        var request = new UploadNewLicenseRequest
        {
            License = Request(_plugins[2]), Files = [new UploadFile { Name = $"{number}.xml", Content = Encoding.UTF8.GetBytes($"<key>{number}</key>") }], ExpirationDate = InAMonth,
        };
        return Said(await WriteAsync(tx => Get<UploadLicense>().HandleAsync(tx, request, Anna, None)));
    }

    // Half of the uploads tell nothing, and are refused.
    private DateOnly? InAMonth => _random.Next(2) == 0 ? null : DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddDays(40);

    private string NextUpload() => string.Create(CultureInfo.InvariantCulture, $"HAND.{++_uploads:00000000}.0000");

    private async Task<string> AssignAsync()
    {
        var (license, subscription) = (LicenseId.Of(await AnyAsync("licenses where subscription_id is null")), SubscriptionId.Of(await AnyAsync("subscriptions")));
        return $"{license} to {subscription}: {Said(await WriteAsync(tx => Get<Keygate.Orders.AssignLicense>().HandleAsync(tx, license, new AssignLicenseRequest { SubscriptionId = subscription }, Anna, None)))}";
    }

    private async Task<string> AdoptAsync()
    {
        var license = LicenseId.Of(await AnyAsync("licenses"));
        return $"{license}: {await AdoptAsync(license)}";
    }

    private async Task<string> AdoptAsync(LicenseId license)
    {
        // A person looks into the issuer's books, and takes what was made for this request.
        if (_issuer.Keys.FirstOrDefault(k => k.Asked.LicenseId == license.Value && k.From <= _time.GetUtcNow()) is not { } key)
        {
            return "no key";
        }

        var found = await Get<AdoptKey>().FindAsync(license, key.Number, None);
        return found.TryGet(out var adopted, out var error) ? Said(await WriteAsync(tx => Get<AdoptKey>().HandleAsync(tx, license, adopted, Anna, None))) : error.Code;
    }

    private async Task<string> LimitAsync()
    {
        var limits = new PluginLimits { KeysPerHour = _random.Next(3), KeysPerDay = _random.Next(3) * 4, Concurrency = 1 + _random.Next(3) };
        return $"{limits.KeysPerHour}/{limits.KeysPerDay}: {Said(await WriteAsync(tx => Get<ChangePlugin>().HandleAsync(tx, _plugins[0], new ChangePluginRequest { Limits = limits }, Anna, None)))}";
    }

    private async Task<string> AttentionAsync()
    {
        var ids = await ReadAsync(s => s.QueryAsync<long>("select id from work where state = 'stopped' or (state = 'waiting' and lane is not null) order by id", null, None));
        if (ids.Count == 0)
        {
            return "nothing";
        }

        var id = ids[_random.Next(ids.Count)];
        var (name, act) = _random.Next(3) switch
        {
            0 => ("approve", (Func<Tx, Task<Result<AttentionAccepted>>>)(tx => Get<ResolveAttention>().ApproveAsync(tx, id, Anna, None))),
            1 => ("resubmit", tx => Get<ResolveAttention>().ResubmitAsync(tx, id, Anna, None)),
            _ => ("cancel", tx => Get<ResolveAttention>().CancelAsync(tx, id, Because, Anna, None)),
        };
        return $"{name} {id}: {Said(await WriteAsync(act))}";
    }

    private async Task<string> WaitAsync()
    {
        var by = _random.Next(8) switch
        {
            0 => TimeSpan.FromDays(1 + _random.Next(2)),
            1 when _random.Next(6) == 0 => TimeSpan.FromDays(41),
            < 4 => TimeSpan.FromMinutes(1 + _random.Next(90)),
            _ => TimeSpan.FromSeconds(1 + _random.Next(60)),
        };
        _time.Advance(by);
        return by.ToString();
    }

    /// <summary>The process will die at a moment that is drawn, at the latest when it has no more to do.</summary>
    private async Task<string> DieAsync()
    {
        _killAt = 1 + _random.Next(12);
        _told[^1] += $" after {(_random.Next(2) == 0 ? await PlaceAsync() : await OnOrderAsync<ResubmitOrder>((h, tx, o) => h.HandleAsync(tx, o, Anna, None)))}";
        return await RunAsync();
    }

    private async Task<string> RunAsync()
    {
        // More than any process does without being stuck in a circle.
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var engine = Get<WorkEngine>();
        await engine.RunUntilIdleAsync(over.Token);
        _killAt = 0;
        if (!_killed)
        {
            return "to the end";
        }

        _killed = false;
        await _process.DisposeAsync();
        _process = Compose();
        return "";
    }

    private Task PassedAsync(PassedMoment passed)
    {
        if (_killAt == 0 || --_killAt > 0)
        {
            return Task.CompletedTask;
        }

        _killed = true;
        _told[^1] += $" killed {passed.Moment} of {passed.Step}";
        _ = Get<WorkEngine>().DieAsync();
        throw new OperationCanceledException("The process died.");
    }

    // The issuer's own check of our books: whoever asks for a key has announced it.
    private async Task SeenAsync(IssueRequest request)
    {
        var open = await ReadAsync(s => s.GetAsync<long>(
            "select count(*) from work_intents where token = @token and state = 'open'", new { token = request.Trace.Replace(":", "", StringComparison.Ordinal) }, None));
        if (open != 1)
        {
            _unannounced.Add(string.Create(CultureInfo.InvariantCulture, $"license {request.LicenseId} was asked for under {request.Trace} with {open} open intents"));
        }
    }

    private async Task HoldsAsync()
    {
        _unannounced.ShouldBeEmpty();
        await OfferedAsync();
        await LifeChecks.HoldAsync(_database.Database, _time.GetUtcNow());
    }

    /// <summary>What is offered under what needs attention would be accepted: one of these acts is tried and taken back.</summary>
    private async Task OfferedAsync()
    {
        var random = new Random((_seed * 1000) + _told.Count);
        var items = (await ReadAsync(s => Get<AttentionReader>().ListAsync(s, PageRequest.Of(50, null), None))).Value.Items;
        if (items.Count == 0)
        {
            return;
        }

        var item = items[random.Next(items.Count)];
        foreach (var action in item.Actions)
        {
            var path = action.Path.Split('/');
            var number = int.Parse(path[4], CultureInfo.InvariantCulture);
            Func<Tx, Task<string>>? act = (path[3], action.Name) switch
            {
                ("orders", "resubmit") => async tx => Said(await Get<ResubmitOrder>().HandleAsync(tx, OrderId.Of(number), Anna, None)),
                ("orders", "cancel") => async tx => Said(await Get<CancelOrder>().HandleAsync(tx, OrderId.Of(number), Because, Anna, None)),
                ("attention", "resubmit") => async tx => Said(await Get<ResolveAttention>().ResubmitAsync(tx, number, Anna, None)),
                ("attention", "cancel") => async tx => Said(await Get<ResolveAttention>().CancelAsync(tx, number, Because, Anna, None)),
                ("attention", "approve") => async tx => Said(await Get<ResolveAttention>().ApproveAsync(tx, number, Anna, None)),
                ("licenses", "confirm-no-key") => async tx => Said(await Get<ConfirmNoKey>().HandleAsync(tx, LicenseId.Of(number), Anna, None)),
                ("licenses", "record-installed") => async tx => Said(await Get<RecordInstalled>().HandleAsync(tx, LicenseId.Of(number), new RecordInstalledRequest { Where = "rack 4" }, Anna, None)),
                ("licenses", "terminate") => async tx => Said(await Get<TerminateLicense>().HandleAsync(tx, LicenseId.Of(number), new TerminateLicenseRequest { Reason = "by chance" }, Anna, None)),
                ("plugins", "resume") => async tx => Said(await Get<ResumePlugin>().HandleAsync(tx, PluginId.Of(number), Anna, None)),
                _ => null,
            };
            if (act is not null)
            {
                var said = "";
                await WriteAsync(async tx =>
                {
                    said = await act(tx);
                    return (Result<Done>)OrdersErrors.NotFound;
                });
                said.ShouldBe("done", $"{action.Command} is offered for: {item.Cause}");
            }
        }
    }

    private async Task PassAsync()
    {
        _told.Add("time passes");
        foreach (var minutes in new[] { 1, 1, 2, 2, 5, 5, 15, 30, 30, 60, 60, 180, 360, 720, 180 })
        {
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(minutes));
        }

        await RunAsync();
        await HoldsAsync();
    }

    private async Task PeopleAsync()
    {
        var stopped = await ReadAsync(s => s.QueryAsync<Stopped>(
            """
            select w.id, w.subject, w.kind, coalesce(i.state, '') as act from work w left join work_intents i on i.id = w.intent
            where w.state = 'stopped' or (w.state = 'waiting' and w.lane is not null) order by w.id
            """, null, None));
        foreach (var work in stopped)
        {
            var license = work.Subject.StartsWith("license/", StringComparison.Ordinal) ? LicenseId.Of(int.Parse(work.Subject.AsSpan("license/".Length), CultureInfo.InvariantCulture)) : default;
            if (work is { Kind: "licensing.provision", Act: "unknown" or "pending" })
            {
                var adopted = await AdoptAsync(license);
                _told.Add($"adopt {license}: {adopted}");
                if (adopted == "no key")
                {
                    _told.Add($"confirm {license}: {Said(await WriteAsync(tx => Get<ConfirmNoKey>().HandleAsync(tx, license, Anna, None)))}");
                }

                continue;
            }

            _told.Add($"resubmit {work.Id} {work.Subject}: {Said(await WriteAsync(tx => Get<ResolveAttention>().ResubmitAsync(tx, work.Id, Anna, None)))}");
        }
    }

    /// <summary>Each paid order is complete, or somebody must do something about it and can see what.</summary>
    private async Task NothingForgottenAsync()
    {
        var open = await ReadAsync(s => s.QueryAsync<int>("select id from orders where state in ('PD', 'PR', 'PF', 'LO') order by id", null, None));
        foreach (var order in open)
        {
            var works = await ReadAsync(s => s.QueryAsync<string>(
                """
                select w.state || ' ' || w.kind || ' ' || w.step || ': ' || coalesce(w.why, '') from work w
                where w.subject in (select 'item/' || id from provisioning_items where order_id = @order)
                   or w.subject in (select 'license/' || license_id from provisioning_items where order_id = @order and license_id is not null)
                order by w.id
                """, new { order }, None));
            works.ShouldContain(
                w => w.StartsWith("stopped", StringComparison.Ordinal) || w.StartsWith("waiting orders.host", StringComparison.Ordinal)
                    || w.StartsWith("waiting licensing.provision await-", StringComparison.Ordinal),
                string.Create(CultureInfo.InvariantCulture, $"order {order}: {string.Join("; ", works)}"));
        }
    }

    /// <summary>One live key for each request at the most, and none that is nobody's.</summary>
    private async Task NoKeyTwiceAsync()
    {
        var live = _issuer.Keys.Where(k => !k.Terminated).ToList();
        var ours = await ReadAsync(s => s.QueryAsync<string>("select key_number from licenses where key_number is not null", null, None));
        live.GroupBy(k => k.Asked.LicenseId).Where(g => g.Count() > 1).Select(g => string.Join(", ", g.Select(k => k.Number))).ShouldBeEmpty();
        live.Select(k => k.Number).Where(n => !ours.Contains(n)).ShouldBeEmpty();
    }

    private sealed class Stopped
    {
        public long Id { get; init; }
        public string Subject { get; init; } = "";
        public string Kind { get; init; } = "";
        public string Act { get; init; } = "";
    }
}
