using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Licensing;

/// <summary>The room of a license's life.</summary>
public static class LicensingModule
{
    /// <summary>Registers the room. Needs Catalog, Plugins, Accounts, Work and Storage.</summary>
    public static IServiceCollection AddLicensing(this IServiceCollection services)
    {
        TypeHandlers.RegisterNumbers(typeof(LicensingModule).Assembly);
        services.AddSingleton<LicenseStore>();
        services.AddSingleton<LicenseSteps>();
        services.AddSingleton(s => new LicenseProvisioning(s.Get<WorkQueue>(), s.Get<LicenseSteps>(), s.Get<RenewalStore>()));
        services.AddSingleton<PossibleMoves>().AddSingleton<BeginByHand>();
        services.AddSingleton<AwaitUploadStep>().AddSingleton<IssueStep>().AddSingleton<AwaitActivationStep>().AddSingleton<ActivateStep>();
        services.AddSingleton<BeginRetrieveStep>().AddSingleton<RetrieveStep>().AddSingleton<BeginInstallStep>().AddSingleton<InstallStep>();
        services.AddSingleton<AddOnKeyStep>();
        services.AddProcess<ProvisionLicense>();
        services.AddProcess<EndSurplusKey>();
        services.AddProcess<FindSurplusKeys>();
        services.AddProcess<AwaitAddOnKey>();
        services.AddProcess<ProveTrace>();
        services.AddRecurring<ExpireLicenses>();
        services.AddRecurring<ProveTraces>();
        services.AddRecurring<BeginFindingSurplusKeys>();

        services.AddSingleton<RenewalStore>().AddSingleton<RenewalSteps>();
        services.AddSingleton<BeginRenewalStep>().AddSingleton<ReadKeyStep>().AddSingleton<RenewStep>();
        services.AddSingleton<FetchRenewedStep>().AddSingleton<PlaceRenewedStep>().AddSingleton<JudgeStep>();
        services.AddProcess<RenewalProcess>();
        services.AddProcess<HandOver>();
        services.AddRecurring<RenewDueLicenses>();
        services.AddRecurring<WarnOfExpiry>();

        services.AddSingleton<TerminationStore>().AddSingleton<TerminationSteps>();
        services.AddSingleton<BeginTerminationStep>().AddSingleton<AwaitAddOnsStep>().AddSingleton<EndByHandStep>().AddSingleton<EndKeyStep>();
        services.AddSingleton<AwaitRemovalStep>().AddSingleton<SettleTerminationStep>().AddSingleton<RemoveStep>().AddSingleton<RemoveByHandStep>();
        services.AddProcess<TerminationProcess>();
        services.AddProcess<RemovalProcess>();
        services.AddSingleton<HoldSteps>().AddSingleton<BeginHoldStep>().AddSingleton<HoldKeyStep>().AddSingleton<HoldCopyStep>().AddSingleton<ReleaseCopyStep>();
        services.AddProcess<HoldProcess>();
        services.AddSingleton<ChangeStore>().AddSingleton<ChangeSteps>().AddSingleton<BeginChangeStep>().AddSingleton<ReadToChangeStep>().AddSingleton<ChangeKeyStep>();
        services.AddSingleton<SettleChangeStep>().AddSingleton<ReplaceStep>().AddSingleton<RetireStep>();
        services.AddProcess<ChangeProcess>();

        // Handlers are public, what they are made of is not: so they are made here and not by the container's own choice of constructor.
        services.AddSingleton(s => new RequestLicense(s.Get<LicenseStore>(), s.Get<Catalog.CatalogReader>(), s.Get<Plugins.PluginReader>(), s.Get<Plugins.OfferReader>()));
        services.AddSingleton(s => new IssueLicense(s.Get<BeginByHand>()));
        services.AddSingleton(s => new ActivateLicense(s.Get<BeginByHand>(), s.Get<LicenseStore>(), s.Get<LicenseProvisioning>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new RetrieveLicense(s.Get<BeginByHand>()));
        services.AddSingleton(s => new InstallLicense(s.Get<BeginByHand>()));
        services.AddSingleton(s => new AdoptKey(
            s.Get<BeginByHand>(), s.Get<LicenseStore>(), s.Get<LicenseProvisioning>(), s.Get<Plugins.PluginHost>(), s.Get<Database>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new ConfirmNoKey(s.Get<BeginByHand>(), s.Get<LicenseStore>(), s.Get<LicenseProvisioning>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new WithdrawLicense(s.Get<LicenseStore>()));
        services.AddSingleton(s => new LicenseAssignment(s.Get<LicenseStore>(), s.Get<WorkQueue>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new ListLicenseRequests(s.Get<LicenseStore>()));
        services.AddSingleton(s => new RecordInstalled(s.Get<LicenseStore>(), s.Get<LicenseSteps>(), s.Get<LicenseProvisioning>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new UploadLicense(
            s.Get<LicenseStore>(), s.Get<LicenseSteps>(), s.Get<LicenseProvisioning>(), s.Get<RequestLicense>(), s.Get<Plugins.PluginReader>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new RenewLicense(s.Get<LicenseStore>(), s.Get<RenewalStore>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new RecordRenewal(s.Get<LicenseStore>(), s.Get<RenewalSteps>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new LicenseStandings(s.Get<LicenseStore>(), s.Get<WorkQueue>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new LicenseChanges(
            s.Get<Database>(), s.Get<Plugins.PluginHost>(), s.Get<LicenseStore>(), s.Get<ChangeStore>(), s.Get<RenewalStore>(), s.Get<Catalog.CatalogReader>(), s.Get<WorkQueue>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new TerminateLicense(s.Get<LicenseStore>(), s.Get<TerminationStore>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new RecordTerminated(s.Get<TerminationSteps>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new ShowTermination(
            s.Get<Database>(), s.Get<LicenseStore>(), s.Get<TerminationStore>(), s.Get<WorkQueue>(), s.Get<Plugins.PluginReader>(), s.Get<Plugins.PluginHost>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new RemoveLicense(s.Get<LicenseStore>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new RecordRemoved(s.Get<LicenseSteps>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new ShowForecast(s.Get<Catalog.CatalogReader>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new CompareOffer(s.Get<Catalog.CatalogReader>(), s.Get<Plugins.OfferReader>()));
        services.AddSingleton<SyncStore>().AddSingleton<SyncComparing>();
        services.AddSingleton(s => new SyncLicense(s.Get<LicenseStore>(), s.Get<SyncComparing>(), s.Get<Plugins.PluginHost>(), s.Get<Database>()));
        services.AddSingleton(s => new SyncLicenses(s.Get<SyncStore>(), s.Get<LicenseStore>(), s.Get<Plugins.PluginReader>(), s.Get<WorkQueue>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new ListDifferences(s.Get<SyncStore>(), s.Get<SyncLicense>(), s.Get<Accounts.Audit>()));
        services.AddSingleton(s => new ResolveDifference(
            s.Get<LicenseStore>(), s.Get<SyncComparing>(), s.Get<SyncLicense>(), s.Get<RenewalSteps>(), s.Get<RecordTerminated>(), s.Get<WorkQueue>(), s.Get<Plugins.PluginHost>(),
            s.Get<Database>(), s.Get<Accounts.Audit>(), s.Get<TimeProvider>()));
        services.AddProcess<SyncRunProcess>();
        services.AddRecurring<SyncDaily>();
        services.AddSingleton(s => new DownloadLicense(s.Get<LicenseStore>()));
        services.AddSingleton(s => new ListLicenses(s.Get<LicenseStore>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new CountLicenses(s.Get<TimeProvider>()));
        services.AddSingleton(s => new LicenseReader(s.Get<LicenseStore>(), s.Get<RenewalStore>(), s.Get<WorkQueue>(), s.Get<PossibleMoves>(), s.Get<TimeProvider>()));
        return services;
    }

    /// <summary>Maps the room's REST below the caller's prefix.</summary>
    public static void MapLicensing(this IEndpointRouteBuilder routes)
    {
        RequestLicenseEndpoint.Map(routes);
        ListLicenses.Map(routes);
        CountLicenses.Map(routes);
        LicenseReader.Map(routes);
        IssueLicense.Map(routes);
        ActivateLicense.Map(routes);
        RetrieveLicense.Map(routes);
        InstallLicense.Map(routes);
        AdoptKey.Map(routes);
        ConfirmNoKey.Map(routes);
        UploadLicense.Map(routes);
        RecordInstalled.Map(routes);
        ListLicenseRequests.Map(routes);
        DownloadLicense.Map(routes);
        RenewLicense.Map(routes);
        RecordRenewal.Map(routes);
        ShowForecast.Map(routes);
        CompareOffer.Map(routes);
        SyncLicense.Map(routes);
        SyncLicenses.Map(routes);
        ListDifferences.Map(routes);
        ResolveDifference.Map(routes);
        TerminateLicense.Map(routes);
        RecordTerminated.Map(routes);
        ShowTermination.Map(routes);
        RemoveLicense.Map(routes);
        RecordRemoved.Map(routes);
    }

    private static T Get<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();
}
