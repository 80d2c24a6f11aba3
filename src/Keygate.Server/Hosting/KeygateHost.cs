using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Keygate.Accounts;
using Keygate.Api;
using Keygate.Api.Billing;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Installers;
using Keygate.Issuers;
using Keygate.KeyServer;
using Keygate.Licensing;
using Keygate.Notices;
using Keygate.Orders;
using Keygate.Panel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Keygate.Server;

/// <summary>
/// One Keygate process: databases, rooms, listeners, as its roles ask. Built from settings, started and stopped as a whole, so that tests
/// run the very server that an operator runs.
/// </summary>
public sealed class KeygateHost : IAsyncDisposable
{
    // 8 s for open steps of work and one for cutting them, the rest for the listeners; a supervisor kills after 10 s.
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(9.5);

    private readonly WebApplication _app;
    private readonly KeygateSettings _settings;
    private readonly DataFolder? _folder;
    private readonly MasterKey _masterKey;
    private readonly IReadOnlyList<(Database Database, IReadOnlyList<Assembly> Rooms)> _databases;
    private readonly Dictionary<Listener, ListenOptions> _listeners;

    private KeygateHost(
        WebApplication app, KeygateSettings settings, DataFolder? folder, MasterKey masterKey,
        IReadOnlyList<(Database, IReadOnlyList<Assembly>)> databases, Dictionary<Listener, ListenOptions> listeners) =>
        (_app, _settings, _folder, _masterKey, _databases, _listeners) = (app, settings, folder, masterKey, databases, listeners);

    /// <summary>The services, for tests.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Where REST, pages and health are reached from this machine; once started.</summary>
    public Uri HttpUrl => Reached(_settings.Http, Listener.Http);

    /// <summary>Where the Billing API is reached from this machine; once started, where the process has it.</summary>
    public Uri BillingUrl => new(Reached(_settings.BillingApi!, Listener.Billing), "RPC2");

    /// <summary>Where the Partner APIs are reached from this machine; once started, where the process has that role.</summary>
    public Uri PartnerUrl => Reached(_settings.PartnerApi, Listener.Partner);

    /// <summary>The link of the first administrator; null where there is one already.</summary>
    public Uri? SetupLink { get; private set; }

    /// <summary>What the migrations did at start.</summary>
    public IReadOnlyList<string> Migrated { get; private set; } = [];

    /// <summary>Composes the process; touches the data folder, but no database and no network yet.</summary>
    public static Result<KeygateHost> Build(KeygateSettings settings, Action<WebApplicationBuilder>? adjust = null)
    {
        if (!Open(settings).TryGet(out var opened, out var error))
        {
            return error;
        }

        var (folder, masterKey) = opened;
        OperatorCertificate? own = null, billing = null;
        if ((settings is { ServesKeyServer: true, PartnerApiCertificate: { } files } && !OperatorCertificate.Load(SettingsReader.PartnerApiCertificate, files).TryGet(out own, out error))
            || (settings is { ServesBilling: true, BillingApiCertificate: { } others } && !OperatorCertificate.Load(SettingsReader.BillingApiCertificate, others).TryGet(out billing, out error)))
        {
            folder?.Dispose();
            return error;
        }

        var provider = settings.ServesProvider ? Database.At(settings.Database) : null;
        var keyServer = settings.ServesKeyServer ? Database.At(settings.KeyServerDatabase) : null;
        var databases = new List<(Database, IReadOnlyList<Assembly>)>();
        var named = new List<(string, Database)>();
        var audited = new List<AuditedDatabase>();
        if (provider is not null)
        {
            databases.Add((provider, Schema.Provider));
            named.Add(("database", provider));
            audited.Add(new AuditedDatabase("provider", provider));
        }

        if (keyServer is not null)
        {
            databases.Add((keyServer, Schema.KeyServer));
            named.Add(("key server's database", keyServer));
            audited.Add(new AuditedDatabase("keyserver", keyServer));
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "keygate" });
        builder.Services.AddRoutingCore();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);

        var listeners = new Dictionary<Listener, ListenOptions>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        var certificate = new ServingCertificate();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, settings.Http, Listener.Http, listeners);
            if (settings.ServesBilling)
            {
                Listen(kestrel, settings.BillingApi!, Listener.Billing, listeners, billing is null ? null : options => Secure(options, billing));
            }

            if (settings.ServesKeyServer)
            {
                Listen(kestrel, settings.PartnerApi, Listener.Partner, listeners, settings.PartnerApi.Scheme == Uri.UriSchemeHttps
                    ? options => Secure(options, own, certificate)
                    : null);
            }
        });

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopMax);
        services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        services.AddSingleton<MatcherPolicy, ListenerPolicy>();
        services.AddSingleton(settings);
        services.AddSingleton(masterKey);
        services.AddSingleton<TimeProvider>(settings.TestClock is { } clock ? new FileClock(clock) : TimeProvider.System);
        services.AddSingleton(new Readiness(named));
        // Rooms know one database, the default. Where the key server runs alone its own is that.
        services.AddSingleton(provider ?? keyServer!);
        services.AddSingleton(certificate);
        services.AddSingleton(new RetentionOptions { KeepIdempotencyKeysFor = settings.KeepIdempotencyKeys });
        services.AddAccounts();
        audited.ForEach(a => services.AddSingleton(a));
        services.AddAuditChain();
        services.AddApi();
        services.AddSingleton(new BillingAddress());
        if (provider is not null)
        {
            // A process that only serves REST starts work and leaves it to the workers.
            services.AddSingleton(new WorkOptions { Runs = settings.Roles.Contains(Role.Worker), KeepFor = settings.KeepWork, Passing = settings.TestPoint is { } point ? point.PassAsync : null });
            services.AddSingleton<Outbox>();
            services.AddWork();
            services.AddRecurring<PruneIdempotencyKeys>();
            services.AddPlugins();
            services.AddSingleton<IPluginFactory, KeyAdministratorFactory>();
            services.AddSingleton<IPluginFactory, SimulatedFactory>();
            services.AddSingleton<IPluginFactory, OfflineFactory>();
            services.AddSingleton<IPluginFactory, DirectoryFactory>();
            services.AddSingleton<IPluginFactory, SimulatedInstallerFactory>();
            services.AddSingleton<IPluginFactory, WebhookFactory>();
            services.AddCatalog();
            services.AddLicensing();
            services.AddOrders();
            services.AddNotices();
        }

        if (settings.ServesScreens)
        {
            services.AddPanel(Path.GetFullPath(Path.Combine(settings.Data, "licenses")), settings.Roles.Contains(Role.Provider), settings.ServesKeyServer);
        }

        if (settings.ServesBilling)
        {
            services.AddSingleton(new BillingOptions { Allowed = settings.BillingApiAllow });
            services.AddBillingApi();
        }

        if (keyServer is not null)
        {
            services.AddKeyedSingleton(KeyServerModule.DatabaseKey, keyServer);
            services.Configure<KeyServerOptions>(options =>
            {
                options.PublicUrl = settings.PartnerApiPublic ?? settings.PartnerApi;
                options.SigningKey = settings.SigningKey;
                options.RootKey = settings.RootKey;
                options.OperatorCertificate = own is null ? null : () => own.Current.TargetCertificate;
                options.ProductCallsPerMinute = settings.ProductCalls;
                options.Smtp = settings.Smtp is { } smtp ? new Uri(smtp.Reveal) : null;
                options.MailFrom = settings.MailFrom;
            });
            services.AddKeyServer();
            services.AddKeyedSingleton(KeyServerModule.DatabaseKey, new WorkOptions { KeepFor = settings.KeepWork });
            services.AddKeyedSingleton<RecurringJob>(KeyServerModule.DatabaseKey, (s, _) => new PruneWork(
                s.GetRequiredKeyedService<WorkOptions>(KeyServerModule.DatabaseKey), s.GetRequiredService<TimeProvider>()));
            services.AddKeyedSingleton<RecurringJob>(KeyServerModule.DatabaseKey, (s, _) => new PruneIdempotencyKeys(
                s.GetRequiredService<RetentionOptions>(), s.GetRequiredService<TimeProvider>()));
            services.AddWorkOf(s => s.GetRequiredKeyedService<WorkEngine>(KeyServerModule.DatabaseKey));
        }

        adjust?.Invoke(builder);

        var app = builder.Build();
        own?.Logger = app.Services.GetRequiredService<ILogger<OperatorCertificate>>();
        billing?.Logger = app.Services.GetRequiredService<ILogger<OperatorCertificate>>();
        if (provider is not null)
        {
            app.Services.GetRequiredService<Readiness>().WorkRuns = () => app.Services.GetRequiredService<WorkEngine>().IsReady;
        }

        app.UseHealth(app.Services.GetRequiredService<Readiness>());
        app.UseRouting();
        app.UseApi();
        app.UsePanel();
        HealthDoor.Map(app, settings);
        app.MapSetup();
        if (settings.ServesScreens)
        {
            var api = app.MapApi();
            api.MapAccounts();
            app.MapPanel();
            if (settings.Roles.Contains(Role.Provider))
            {
                api.MapCustomers();
                api.MapPlugins();
                api.MapCatalog();
                api.MapLicensing();
                api.MapOrders();
                api.MapNotices();
                api.MapBillingDoor();
            }

            if (settings.Roles.Contains(Role.KeyServer))
            {
                api.MapKeyServer();
            }
        }

        if (settings.ServesBilling)
        {
            app.MapBillingApi().WithMetadata(new OnListener(Listener.Billing));
        }

        if (settings.Roles.Contains(Role.KeyServer))
        {
            app.MapPartnerApi().WithMetadata(new OnListener(Listener.Partner));
            app.MapTrust().WithMetadata(new OnListener(Listener.Partner));
        }

        return new KeygateHost(app, settings, folder, masterKey, databases, listeners);
    }

    /// <summary>Migrates the databases of these settings and ends.</summary>
    public static async Task<Result<IReadOnlyList<string>>> MigrateAsync(KeygateSettings settings, CancellationToken cancellation)
    {
        if (!Open(settings).TryGet(out var opened, out var error))
        {
            return error;
        }

        using var held = opened.Folder;
        await using var provider = Database.At(settings.Database);
        await using var keyServer = Database.At(settings.KeyServerDatabase);
        var databases = new List<(Database, IReadOnlyList<Assembly>)>();
        if (settings.ServesProvider)
        {
            databases.Add((provider, Schema.Provider));
        }

        if (settings.ServesKeyServer)
        {
            databases.Add((keyServer, Schema.KeyServer));
        }

        return await Schema.MigrateAsync(databases, opened.Key, TimeProvider.System, cancellation);
    }

    /// <summary>Migrates, listens, then works; a refusal where one of these cannot be.</summary>
    public async Task<Result<Done>> StartAsync(CancellationToken cancellation)
    {
        var time = Services.GetRequiredService<TimeProvider>();
        if (!(await Schema.MigrateAsync(_databases, _masterKey, time, cancellation)).TryGet(out var migrated, out var error))
        {
            return error;
        }

        Migrated = migrated;
        if (Unusable(SettingsReader.Http, _settings.Http) is { } unusable)
        {
            return unusable;
        }

        if (_settings.ServesBilling && Unusable(SettingsReader.BillingApi, _settings.BillingApi!) is { } billingUnusable)
        {
            return billingUnusable;
        }

        if (_settings.ServesKeyServer)
        {
            if (Unusable(SettingsReader.PartnerApi, _settings.PartnerApi) is { } partnerUnusable)
            {
                return partnerUnusable;
            }

            Services.GetRequiredService<ServingCertificate>().Current = await Services.GetRequiredService<PartnerTlsCertificate>().GetAsync(cancellation);
        }

        try
        {
            await _app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return ServerErrors.PortInUse.Because(e.Message);
        }

        if (_settings is { ServesKeyServer: true, PartnerApiPublic: null, PartnerApi.Port: 0 })
        {
            // The system chose the port, so the address that clients and license files are told is known only now.
            Services.GetRequiredService<IOptions<KeyServerOptions>>().Value.PublicUrl = PartnerUrl;
        }

        if (_settings.ServesBilling)
        {
            Services.GetRequiredService<BillingAddress>().Url = BillingUrl;
        }

        var present = CliFile.Read(_settings.Data);
        var token = await Services.GetRequiredService<LocalToken>().RenewAsync(present?.Token, cancellation);
        var url = HttpUrl.GetLeftPart(UriPartial.Authority);
        if (token is not null || present!.Url != url)
        {
            new CliFile(url, token?.Reveal ?? present!.Token).Write(_settings.Data);
        }

        if (_settings.ServesScreens)
        {
            SetupLink = await Services.GetRequiredService<FirstAdministrator>().OpenLinkAsync(cancellation) is { } key
                ? new Uri(HttpUrl, $"/setup?key={key.Reveal}")
                : null;
        }

        Services.GetRequiredService<Readiness>().Started = true;
        return Done.It;
    }

    /// <summary>Waits until the process is told to stop, and stops it.</summary>
    public Task WaitForStopAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    /// <summary>Stops: no new work, open steps to their end, then the listeners.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        Services.GetRequiredService<Readiness>().Started = false;
        await _app.StopAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var (database, _) in _databases)
        {
            await database.DisposeAsync();
        }

        _folder?.Dispose();
    }

    private static Result<(DataFolder? Folder, MasterKey Key)> Open(KeygateSettings settings)
    {
        DataFolder? folder = null;
        try
        {
            // Only SQLite wants the folder for one process; on PostgreSQL several may share it.
            var usesSqlite = (settings.ServesProvider && settings.Database.Engine == Engine.Sqlite)
                || (settings.ServesKeyServer && settings.KeyServerDatabase.Engine == Engine.Sqlite);
            if (usesSqlite)
            {
                if (!DataFolder.Hold(settings.Data).TryGet(out folder, out var inUse))
                {
                    return inUse;
                }
            }
            else
            {
                Directory.CreateDirectory(settings.Data);
            }

            if (settings.MasterKey is { } given)
            {
                return (folder, given);
            }

            if (MasterKey.OfFolder(settings.Data).TryGet(out var key, out var error))
            {
                return (folder, key);
            }

            folder?.Dispose();
            return error;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folder?.Dispose();
            return ServerErrors.DataFolderUnusable.Because($"{settings.Data}: {e.Message}");
        }
    }

    // The operator's comes with its chain; ours signed itself.
    private static void Secure(ListenOptions options, OperatorCertificate? own, ServingCertificate made)
    {
        if (own is null)
        {
            options.UseHttps(tls => tls.ServerCertificateSelector = (_, _) => made.Current);
        }
        else
        {
            Secure(options, own);
        }
    }

    private static void Secure(ListenOptions options, OperatorCertificate own) => options.UseHttps(
        new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = own.Current }) });

    private static void Listen(KestrelServerOptions kestrel, Uri url, Listener listener, Dictionary<Listener, ListenOptions> listeners, Action<ListenOptions>? also = null)
    {
        void Configure(ListenOptions options)
        {
            ListenerPolicy.Mark(options, listener);
            also?.Invoke(options);
            listeners[listener] = options;
        }

        if (url.Host == "localhost")
        {
            kestrel.ListenLocalhost(url.Port, Configure);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(url.DnsSafeHost), url.Port, Configure);
        }
    }

    // Asked before the web server does, which would bury the one sentence under a page of log.
    private static Error? Unusable(Setting setting, Uri url)
    {
        if (url.Host == "localhost" || url.Port == 0)
        {
            return null;
        }

        try
        {
            using var probe = new TcpListener(IPAddress.Parse(url.DnsSafeHost), url.Port);
            probe.Start();
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return ServerErrors.PortInUse.Because($"{setting.Key}: another program listens on {url.Authority}.").Mend($"Stop that program, or set {setting.Key} to another port.");
        }
        catch (SocketException e)
        {
            return ServerErrors.AddressUnusable.Because($"{setting.Key}: {url.Authority}: {e.Message}.").Mend($"Set {setting.Key} to an address of this machine and a port that this user may open.");
        }
    }

    // The port may have been chosen by the system, and an address for all networks is no address to go to.
    private Uri Reached(Uri url, Listener listener)
    {
        var port = url.Port != 0 ? url.Port : _listeners[listener].IPEndPoint!.Port;
        var host = url.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : url.Host;
        return new UriBuilder(url.Scheme, host, port).Uri;
    }
}

/// <summary>The certificate that the Partner API listener shows; known once the key server's database is open.</summary>
internal sealed class ServingCertificate
{
    public X509Certificate2? Current { get; set; }
}
