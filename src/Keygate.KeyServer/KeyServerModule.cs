using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>
/// The key server as a room: services, REST, and the Partner APIs. The host gives it a <see cref="MasterKey"/>, a
/// <see cref="Database"/> under the key <see cref="DatabaseKey"/>, migrated with this assembly and Work's, and <see cref="KeyServerOptions"/>; and lets the
/// <see cref="WorkEngine"/> under the same key work. <see cref="WorkOptions"/> and further recurring jobs under that key are the host's.
/// </summary>
public static class KeyServerModule
{
    /// <summary>The key of the key server's own database among the services.</summary>
    public const string DatabaseKey = "keyserver";

    /// <summary>Adds the room's services.</summary>
    public static IServiceCollection AddKeyServer(this IServiceCollection services)
    {
        TypeHandlers.RegisterNumbers(typeof(KeyServerModule).Assembly);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<KeyServerOptions>();
        services.TryAddSingleton<Chance>();
        services.AddSingleton<PriceListStore>().AddSingleton<ClientStore>().AddSingleton<KeyStore>().AddSingleton<SigningKeyStore>()
            .AddSingleton<ProductConfigurationStore>();
        services.AddSingleton<ApiPasswords>().AddSingleton<KeyAccess>().AddSingleton<KeyReader>().AddSingleton<KeyRefresh>();
        services.AddSingleton<SigningRing>().AddSingleton<LicenseFileMaker>().AddSingleton<SignedFormStore>();
        services.AddSingleton<TrustStore>().AddSingleton<TrustDocuments>();
        services.AddSingleton<RotateSigningKeyHandler>().AddSingleton<SignAnewHandler>().AddSingleton<RevokeSigningKeyHandler>().AddSingleton<RotateRootHandler>();
        services.AddSingleton<SightingStore>().AddSingleton<RefreshLicenseHandler>().AddSingleton<ProductRates>();
        services.AddSingleton<SuspendKeyHandler>().AddSingleton<RevokeKeyHandler>();
        services.AddSingleton(s => new PartnerTlsCertificate(
            s.GetRequiredKeyedService<Database>(DatabaseKey), s.GetRequiredService<SigningKeyStore>(), s.GetRequiredService<MasterKey>(),
            s.GetRequiredService<IOptions<KeyServerOptions>>(), s.GetRequiredService<TimeProvider>()));

        services.AddSingleton<ImportPriceListHandler>().AddSingleton<ChangePriceListEntryHandler>().AddSingleton<AddClientHandler>().AddSingleton<AddLoginHandler>().AddSingleton<DisableLoginHandler>();
        services.AddSingleton(s => new OpenOwnAccount(
            s.GetRequiredKeyedService<Database>(DatabaseKey), s.GetRequiredService<ImportPriceListHandler>(), s.GetRequiredService<AddClientHandler>(), s.GetRequiredService<AddLoginHandler>(),
            s.GetRequiredService<ClientStore>(), s.GetRequiredService<PartnerTlsCertificate>(), s.GetRequiredService<IOptions<KeyServerOptions>>()));
        services.AddSingleton(s => new KeyDesk(s)).AddSingleton(s => new ClientDesk(s)).AddSingleton(s => new PriceListDesk(s)).AddSingleton(s => new VendorDesk(s)).AddSingleton(s => new SigningDesk(s));
        services.AddSingleton<IssueKeyHandler>();
        services.AddSingleton<CreateKeyHandler>().AddSingleton<KeysTogether>().AddSingleton<RetrieveKeyHandler>().AddSingleton<ActivateKeyHandler>().AddSingleton<RenewKeyHandler>()
            .AddSingleton<TerminateKeyHandler>().AddSingleton<KeyContents>().AddSingleton<UpgradeKeyHandler>().AddSingleton<DowngradeKeyHandler>()
            .AddSingleton<AttachKeyHandler>().AddSingleton<DetachKeyHandler>().AddSingleton<BindKeyHandler>().AddSingleton<UnbindKeyHandler>()
            .AddSingleton<AddNoteHandler>().AddSingleton<AssignProductConfigurationHandler>().AddSingleton<ResetKeyHandler>().AddSingleton<TransferKeyHandler>()
            .AddSingleton<SendKeyHandler>().AddSingleton<KeyMailer>();
        services.AddSingleton<CreateClientHandler>().AddSingleton<SearchClientsHandler>().AddSingleton<RenewPasswordHandler>().AddSingleton<ChangeLoginHandler>()
            .AddSingleton<ChangeStandingHandler>().AddSingleton<AddProductConfigurationHandler>().AddSingleton<EnableProductConfigurationHandler>();

        services.AddSingleton<PartnerClients>().AddSingleton<CallRates>().AddSingleton<CallerEntry>().AddSingleton<PartnerDoor>();
        services.AddSingleton<IPartnerMethod, ValidateLogin>().AddSingleton<IPartnerMethod, GetAvailableKeyTypesAndFeatures>()
            .AddSingleton<IPartnerMethod, PartnerApi10.CreateKey>().AddSingleton<IPartnerMethod, RetrieveKey>().AddSingleton<IPartnerMethod, ActivateKey>()
            .AddSingleton<IPartnerMethod, GetKeyInfo>().AddSingleton<IPartnerMethod, RenewKey>().AddSingleton<IPartnerMethod, TerminateKey>()
            .AddSingleton<IPartnerMethod, GetKeyNumbers>().AddSingleton<IPartnerMethod, UpgradeKey>().AddSingleton<IPartnerMethod, DowngradeKey>()
            .AddSingleton<IPartnerMethod, ProblemKey>().AddSingleton<IPartnerMethod, AttachKey>().AddSingleton<IPartnerMethod, DetachKey>().AddSingleton<IPartnerMethod, BindKey>()
            .AddSingleton<IPartnerMethod, UnbindKey>().AddSingleton<IPartnerMethod, AddNoteToKey>().AddSingleton<IPartnerMethod, AssignProductConfiguration>()
            .AddSingleton<IPartnerMethod, ResetKey>().AddSingleton<IPartnerMethod, TransferKey>().AddSingleton<IPartnerMethod, GetKeysInfoByIP>()
            .AddSingleton<IPartnerMethod, GetAvailableUpgrades>().AddSingleton<IPartnerMethod, GetLastPleskUsageInfo>().AddSingleton<IPartnerMethod, SendKeyByEmail>()
            .AddSingleton<IPartnerMethod, CreateClient>().AddSingleton<IPartnerMethod, SearchClients>().AddSingleton<IPartnerMethod, GenerateNewPassword>()
            .AddSingleton<IPartnerMethod, GetProductConfigurations>().AddSingleton<IPartnerMethod, GetOrderRules>();
        services.AddPartnerApi30();
        services.AddOwnWork();
        return services;
    }

    // Its work lies in its own database, beside a provider's in the same process.
    private static void AddOwnWork(this IServiceCollection services)
    {
        services.TryAddKeyedSingleton(DatabaseKey, new WorkOptions());
        services.AddKeyedSingleton(DatabaseKey, (s, _) => new WorkEngine(
            s.GetRequiredKeyedService<Database>(DatabaseKey), () => s.GetKeyedServices<Process>(DatabaseKey), () => s.GetKeyedServices<RecurringJob>(DatabaseKey),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredKeyedService<WorkOptions>(DatabaseKey), s.GetRequiredService<ILogger<WorkEngine>>()));
        services.AddKeyedSingleton(DatabaseKey, (s, _) => s.GetRequiredKeyedService<WorkEngine>(DatabaseKey).Queue);
        services.AddSingleton<RenewalStore>().AddSingleton<RenewalBatches>().AddSingleton<BeginRenewals>().AddSingleton<SetAutoRenewHandler>();
        services.AddSingleton<VendorStore>().AddSingleton<VendorActs>().AddSingleton<VendorDoor>().AddSingleton<VendorCall>().AddSingleton<VendorAnswers>();
        services.AddSingleton<AddVendorHandler>().AddSingleton<ChangeVendorHandler>().AddSingleton<EndVendorActHandler>();
        services.AddSingleton<PurchaseStore>().AddSingleton<AnswerAdministratorHandler>().AddSingleton<PurchaseDoor>();
        services.AddKeyedSingleton<Process, AskVendor>(DatabaseKey);
        services.AddKeyedSingleton<Process, RenewDueKeys>(DatabaseKey);
        services.AddKeyedSingleton<RecurringJob>(DatabaseKey, (s, _) => s.GetRequiredService<BeginRenewals>());
    }

    /// <summary>Maps the REST of the key server under <c>/keyserver</c>.</summary>
    public static void MapKeyServer(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/keyserver").WithTags("Key server").AddEndpointFilter(SayWhenNobodySigns);
        ImportPriceListEndpoint.Map(group);
        ShowPriceListEndpoint.Map(group);
        ChangePriceListEntryEndpoints.Map(group);
        AddClientEndpoint.Map(group);
        ListClientsEndpoint.Map(group);
        AddLoginEndpoint.Map(group);
        ListLoginsEndpoint.Map(group);
        DisableLoginEndpoint.Map(group);
        RenewPasswordEndpoint.Map(group);
        ChangeLoginEndpoint.Map(group);
        ChangeStandingEndpoint.Map(group);
        ProductConfigurationEndpoints.Map(group);
        ListKeysEndpoint.Map(group);
        ShowKeyEndpoint.Map(group);
        IssueKeyEndpoint.Map(group);
        KeyActEndpoints.Map(group);
        TerminateKeyEndpoint.Map(group);
        SuspendKeyEndpoint.Map(group);
        RevokeKeyEndpoint.Map(group);
        DownloadKeyEndpoint.Map(group);
        ListMultiUseEndpoint.Map(group);
        SetAutoRenewEndpoint.Map(group);
        ListRenewalsEndpoints.Map(group);
        VendorEndpoints.Map(group);
        VendorActEndpoints.Map(group);
        ListPurchasesEndpoint.Map(group);
        AddNoteEndpoint.Map(group);
        ListSigningKeysEndpoint.Map(group);
        RotateSigningKeyEndpoint.Map(group);
        RotateRootEndpoint.Map(group);
        SignAnewEndpoint.Map(group);
        RevokeSigningKeyEndpoint.Map(group);
    }

    /// <summary>
    /// Maps what products reach without a login: <c>/.well-known/keygate</c> and <c>/product/v1</c>. The host adds to the conventions returned what ties them to its listener.
    /// </summary>
    public static IEndpointConventionBuilder MapTrust(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription().AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<ProductRates>().RefuseAsync(context, next));
        TrustEndpoints.Map(group);
        ProductDoor.Map(group);
        return group;
    }

    // A remote signer that is away is nobody's bug: the answer says so wherever a key is needed.
    private static async ValueTask<object?> SayWhenNobodySigns(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (SignerException e)
        {
            return (Result<Done>)KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }

    /// <summary>
    /// Maps the Partner APIs: 1.0 by POST to <c>/</c>, <c>/xmlrpc</c> and <c>/RPC2</c>, 3.0 under <c>/30</c> and <c>/jsonrest/business-partner/30</c>, the paths that
    /// published clients use; and beside them the vendor's endpoint, <c>/vendor/v1</c>, for foreign Key Administrators. The host adds to the conventions returned what ties them to its listener.
    /// </summary>
    public static IEndpointConventionBuilder MapPartnerApi(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        foreach (var path in new[] { "/", "/xmlrpc", "/RPC2" })
        {
            group.MapPost(path, (HttpContext http, PartnerDoor door) => door.HandleAsync(http));
        }

        group.MapPartnerApi30();
        PurchaseDoor.Map(group);
        return group;
    }

    /// <summary>After a restore: products that have seen later bundles and lists accept those that come now, which are signed anew.</summary>
    public static async Task AfterRestoreAsync(Tx tx, int jump, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("update trust_bundle set number = number + @jump, changes = changes + 1", new { jump }, cancellation);
        await tx.ExecuteAsync("update status_lists set number = number + @jump, changes = changes + 1", new { jump }, cancellation);
    }
}
