using Keygate.Accounts;
using Keygate.Notices.Storage;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keygate.Notices;

/// <summary>The room of what the world outside is told: events, webhooks, mail.</summary>
public static class NoticesModule
{
    /// <summary>Registers the room. Needs Accounts, Work and Storage.</summary>
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        TypeHandlers.RegisterNumbers(typeof(NoticesModule).Assembly);
        services.TryAddSingleton(new NoticesOptions());
        services.AddSingleton<EventStore>().AddSingleton<WebhookStore>().AddSingleton<MailStore>().AddSingleton<WriteMails>();

        // The queue knows the processes, and these know the queue: each side is made first and meets the other at work.
        services.AddSingleton(s => new WebhookReader(s.Get<WebhookStore>(), s.Get<EventStore>(), new Lazy<WorkQueue>(s.Get<WorkQueue>)));
        services.AddSingleton<AwaitEventStep>().AddSingleton<PostEventStep>();
        services.AddProcess<DeliverEvents>();
        services.AddSingleton<SendMailStep>();
        services.AddProcess<SendMail>();
        services.AddSingleton<SendLinkStep>();
        services.AddProcess<SendLink>();
        services.AddSingleton(s => new MailLink(s.Get<MailStore>(), s.Get<PasswordLinks>(), s.Get<ProviderProfiles>(), s.Get<WorkQueue>(), s.Get<Audit>()));
        services.AddRecurring<PruneEvents>();
        services.AddSingleton(s => new NewsForwarder(
            s.Get<Database>(), s.Get<Outbox>(), s.Get<EventStore>(), s.Get<WebhookStore>(), s.Get<WriteMails>(), s.Get<WorkQueue>(), s.Get<WorkOptions>(), s.Get<NoticesOptions>(), s.Get<ILogger<NewsForwarder>>()));
        services.AddSingleton<IHostedService>(s => s.Get<NewsForwarder>());

        services.AddSingleton(s => new AddWebhook(s.Get<WebhookStore>(), s.Get<EventStore>(), s.Get<WebhookReader>(), s.Get<WorkQueue>(), s.Get<Audit>()));
        services.AddSingleton(s => new ChangeWebhook(s.Get<WebhookStore>(), s.Get<WebhookReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new RemoveWebhook(s.Get<WebhookStore>(), s.Get<Audit>()));
        services.AddSingleton(s => new PauseWebhook(s.Get<WebhookStore>(), s.Get<WebhookReader>(), s.Get<Audit>()));
        services.AddSingleton(s => new ResumeWebhook(s.Get<WebhookStore>(), s.Get<WebhookReader>(), s.Get<WorkQueue>(), s.Get<Audit>()));
        services.AddSingleton(s => new ReplayWebhook(s.Get<WebhookStore>(), s.Get<EventStore>(), s.Get<WebhookReader>(), s.Get<WorkQueue>(), s.Get<Audit>()));
        services.AddSingleton(s => new TestWebhook(s.Get<Database>(), s.Get<WebhookStore>(), s.Get<TimeProvider>()));
        services.AddSingleton(s => new MailDesk(s.Get<Database>(), s.Get<MailStore>(), s.Get<Audit>()));
        services.AddSingleton(s => new ListEvents(s.Get<EventStore>()));
        return services;
    }

    /// <summary>Maps the room's REST below the caller's prefix.</summary>
    public static void MapNotices(this IEndpointRouteBuilder routes)
    {
        AddWebhook.Map(routes);
        WebhookReader.Map(routes);
        ChangeWebhook.Map(routes);
        RemoveWebhook.Map(routes);
        PauseWebhook.Map(routes);
        ResumeWebhook.Map(routes);
        TestWebhook.Map(routes);
        ReplayWebhook.Map(routes);
        ListEvents.Map(routes);
        MailDesk.Map(routes);
        MailLink.Map(routes);
    }

    private static T Get<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>After a restore: events get numbers that no receiver has seen with other contents.</summary>
    public static Task AfterRestoreAsync(Tx tx, int jump, CancellationToken cancellation) =>
        tx.ExecuteAsync("update event_numbers set last_number = last_number + @jump", new { jump }, cancellation);
}
