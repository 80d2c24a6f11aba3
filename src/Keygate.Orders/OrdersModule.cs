using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Orders.Storage;
using Keygate.Plugins;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Orders;

/// <summary>The room of what is sold: resources, plans, subscriptions, orders, provisioning items, payments.</summary>
public static class OrdersModule
{
    /// <summary>Registers the room. Needs Licensing, Catalog, Plugins, Accounts, Work and Storage.</summary>
    public static IServiceCollection AddOrders(this IServiceCollection services)
    {
        TypeHandlers.RegisterNumbers(typeof(OrdersModule).Assembly);
        services.AddSingleton<ResourceStore>().AddSingleton<PlanStore>().AddSingleton<SubscriptionStore>().AddSingleton<OrderStore>();
        services.AddSingleton<OrderSettling>().AddSingleton<Renewals>().AddSingleton<SubscriptionEndings>().AddSingleton<Cancellations>().AddSingleton<ChangeOrders>().AddSingleton<OrderFlow>();
        services.AddSingleton<InvoiceStore>().AddSingleton<CreditNotes>();
        services.AddRecurring<RenewDue>();
        services.AddRecurring<IssueInvoices>();
        services.AddSingleton<ILicenseObserver, LicenseWatch>();

        // The queue knows the processes, and these steps know the queue: each side is made first and meets the other at work.
        services.AddSingleton(s => new Lazy<WorkQueue>(s.Get<WorkQueue>));
        services.AddSingleton(s => new Lazy<LicenseProvisioning>(s.Get<LicenseProvisioning>));
        services.AddSingleton(s => new Lazy<LicenseReader>(s.Get<LicenseReader>));
        services.AddSingleton<HostStep>().AddSingleton<AwaitHostingStep>().AddSingleton<BeginLicenseStep>().AddSingleton<AwaitLicenseStep>();
        services.AddProcess<HostSubscription>();
        services.AddProcess<ProvideLicense>();
        services.AddSingleton(s => new Lazy<TerminateLicense>(s.Get<TerminateLicense>));
        services.AddSingleton<EndLicensesStep>().AddSingleton<RemoveServiceStep>().AddSingleton<MoveSubscription>();
        services.AddProcess<EndSubscription>();

        // Handlers are public, what they are made of is not: so they are made here and not by the container's own choice of constructor.
        services.AddSingleton(s => new ListResources(s.Get<ResourceStore>(), s.Get<CatalogReader>()));
        services.AddSingleton(s => new AddResource(s.Get<ResourceStore>(), s.Get<CatalogReader>()));
        services.AddSingleton(s => new AddPlan(s.Get<PlanStore>(), s.Get<ResourceStore>(), s.Get<CatalogReader>(), s.Get<PluginReader>(), s.Get<CheckPlan>()));
        services.AddSingleton(s => new CheckPlan(s.Get<PlanStore>(), s.Get<CatalogReader>(), s.Get<OfferReader>()));
        services.AddSingleton(s => new ListPlans(s.Get<PlanStore>()));
        services.AddSingleton(s => new ShowPlan(s.Get<PlanStore>()));
        services.AddSingleton(s => new ShowPlanPeriod(s.Get<PlanStore>()));
        services.AddSingleton(s => new ChangeOrderStatus(
            s.Get<OrderFlow>(), s.Get<OpenOrder>(), s.Get<HoldOrder>(), s.Get<PayOrder>(), s.Get<ApproveOrder>(), s.Get<ResubmitOrder>(), s.Get<CancelOrder>(), s.Get<MarkFraud>()));
        services.AddSingleton(s => new PublishPlan(s.Get<PlanStore>(), s.Get<CheckPlan>(), s.Get<Audit>()));
        services.AddSingleton(s => new OrderReader(s.Get<OrderStore>(), s.Get<CustomerStore>(), s.Get<LicenseReader>(), s.Get<WorkQueue>()));
        services.AddSingleton(s => new QuoteOrder(s.Get<PlanStore>(), s.Get<CatalogReader>()));
        services.AddSingleton(s => new PlaceOrder(
            s.Get<OrderStore>(), s.Get<SubscriptionStore>(), s.Get<PlanStore>(), s.Get<CustomerStore>(), s.Get<CatalogReader>(), s.Get<OfferReader>(), s.Get<OrderFlow>(),
            s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new ListOrders(s.Get<OrderStore>()));
        services.AddSingleton(s => new CountOrders(s.Get<TimeProvider>()));
        services.AddSingleton(s => new ListStalled(s.Get<OrderStore>(), s.Get<OrderReader>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new ShowTimeline(s.Get<OrderStore>(), s.Get<OrderReader>(), s.Get<LicenseReader>()));
        services.AddSingleton(s => new PayOrder(s.Get<OrderStore>(), s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new OpenOrder(s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new HoldOrder(s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new ApproveOrder(s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new MarkFraud(s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new CancelOrder(s.Get<OrderStore>(), s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<WorkQueue>(), s.Get<WithdrawLicense>(), s.Get<LicenseChanges>(), s.Get<Audit>()));
        services.AddSingleton(s => new ResubmitOrder(
            s.Get<OrderStore>(), s.Get<OrderFlow>(), s.Get<OrderSettling>(), s.Get<OrderReader>(), s.Get<WorkQueue>(),
            s.Get<LicenseProvisioning>(), s.Get<Audit>()));
        services.AddSingleton(s => new AttentionReader(s.Get<WorkQueue>(), s.Get<OrderStore>(), s.Get<OrderReader>(), s.Get<LicenseReader>(), s.Get<PluginReader>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new ResolveAttention(
            s.Get<WorkQueue>(), s.Get<AttentionReader>(), s.Get<ResubmitOrder>(), s.Get<LicenseProvisioning>(), s.Get<Audit>()));
        services.AddSingleton(s => new CompleteItem(s.Get<OrderStore>(), s.Get<PlanStore>(), s.Get<OrderSettling>(), s.Get<WorkQueue>()));
        services.AddSingleton(s => new AssignLicense(
            s.Get<SubscriptionStore>(), s.Get<PlanStore>(), s.Get<CustomerStore>(), s.Get<LicenseAssignment>(), s.Get<LicenseReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new AssignServer(
            s.Get<SubscriptionStore>(), s.Get<OrderStore>(), s.Get<PlanStore>(), s.Get<LicenseAssignment>(), s.Get<ShowSubscription>(), s.Get<WorkQueue>(), s.Get<Audit>()));
        services.AddSingleton(s => new TriggerEvent(s.Get<CompleteItem>(), s.Get<AssignServer>(), s.Get<OrderStore>(), s.Get<SubscriptionStore>()));
        services.AddSingleton(s => new ListSubscriptions(s.Get<SubscriptionStore>()));
        services.AddSingleton(s => new ShowSubscription(s.Get<SubscriptionStore>(), s.Get<OrderStore>(), s.Get<LicenseReader>()));
        services.AddSingleton(s => new ChangeLicense(
            s.Get<LicenseChanges>(), s.Get<SubscriptionStore>(), s.Get<OrderStore>(), s.Get<PlanStore>(), s.Get<InvoiceStore>(), s.Get<CatalogReader>(), s.Get<ChangeOrders>(), s.Get<Renewals>(),
            s.Get<OrderFlow>(), s.Get<Audit>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new ChangeQuantity(
            s.Get<SubscriptionStore>(), s.Get<PlanStore>(), s.Get<InvoiceStore>(), s.Get<ChangeOrders>(), s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new SuspendSubscription(s.Get<MoveSubscription>(), s.Get<LicenseStandings>(), s.Get<ShowSubscription>()));
        services.AddSingleton(s => new ResumeSubscription(s.Get<MoveSubscription>(), s.Get<LicenseStandings>(), s.Get<ShowSubscription>()));
        services.AddSingleton(s => new CancelSubscription(
            s.Get<MoveSubscription>(), s.Get<Cancellations>(), s.Get<SubscriptionStore>(), s.Get<OrderFlow>(), s.Get<ShowSubscription>(), s.Get<Audit>()));
        services.AddSingleton(s => new RenewSubscription(
            s.Get<SubscriptionStore>(), s.Get<OrderStore>(), s.Get<Renewals>(), s.Get<OrderFlow>(), s.Get<OrderReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new SetRenewal(s.Get<SubscriptionStore>(), s.Get<OrderStore>(), s.Get<OrderFlow>(), s.Get<ShowSubscription>(), s.Get<Audit>()));
        services.AddSingleton(s => new SetInvoicing(s.Get<InvoiceStore>(), s.Get<Audit>()));
        services.AddSingleton(s => new InvoiceReader(s.Get<InvoiceStore>()));
        services.AddSingleton(s => new CreditInvoice(s.Get<InvoiceStore>(), s.Get<CreditNotes>(), s.Get<Audit>()));
        services.AddSingleton(s => new SetTerms(s.Get<PlanStore>(), s.Get<Audit>()));
        return services;
    }

    /// <summary>Maps the room's REST below the caller's prefix.</summary>
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        ListResources.Map(routes);
        AddResource.Map(routes);
        AddPlan.Map(routes);
        ListPlans.Map(routes);
        ShowPlan.Map(routes);
        PublishPlan.Map(routes);
        CheckPlan.Map(routes);
        QuoteOrder.Map(routes);
        PlaceOrder.Map(routes);
        ListOrders.Map(routes);
        CountOrders.Map(routes);
        ListStalled.Map(routes);
        OrderReader.Map(routes);
        ShowTimeline.Map(routes);
        PayOrder.Map(routes);
        OpenOrder.Map(routes);
        HoldOrder.Map(routes);
        ApproveOrder.Map(routes);
        MarkFraud.Map(routes);
        CancelOrder.Map(routes);
        ResubmitOrder.Map(routes);
        AttentionReader.Map(routes);
        ResolveAttention.Map(routes);
        CompleteItem.Map(routes);
        TriggerEvent.Map(routes);
        AssignServer.Map(routes);
        AssignLicense.Map(routes);
        ListSubscriptions.Map(routes);
        ShowSubscription.Map(routes);
        ChangeLicense.Map(routes);
        ChangeQuantity.Map(routes);
        SuspendSubscription.Map(routes);
        ResumeSubscription.Map(routes);
        CancelSubscription.Map(routes);
        RenewSubscription.Map(routes);
        SetRenewal.Map(routes);
        SetTerms.Map(routes);
        SetInvoicing.Map(routes);
        InvoiceReader.Map(routes);
        CreditInvoice.Map(routes);
    }

    private static T Get<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();
}
