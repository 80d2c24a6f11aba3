using Keygate.Accounts;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Plugins;

/// <summary>The plug-ins room.</summary>
public static class PluginsModule
{
    /// <summary>
    /// Adds the room over the default <see cref="Database"/>, <see cref="MasterKey"/>, <see cref="Audit"/> and <see cref="Lanes"/>. The kinds are the <see cref="IPluginFactory"/>
    /// services that are registered, ours and strangers' alike.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="realTime">What rates and breakers follow; real time where null, whatever clock the process was given.</param>
    public static IServiceCollection AddPlugins(this IServiceCollection services, TimeProvider? realTime = null)
    {
        TypeHandlers.RegisterNumbers(typeof(PluginsModule).Assembly);
        services.AddSingleton<PluginKinds>();
        services.AddSingleton(s => new PluginSecrets(s.GetRequiredService<MasterKey>()));
        services.AddSingleton(s => new PluginStore(s.GetRequiredService<PluginSecrets>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new PluginReader(s.GetRequiredService<PluginStore>(), s.GetRequiredService<PluginKinds>(), s.GetRequiredService<Lanes>()));
        services.AddSingleton(s => new PluginPauses(s.GetRequiredService<PluginStore>(), s.GetRequiredService<Lanes>(), s.GetRequiredService<Audit>()));
        services.AddSingleton(s => new AddPlugin(
            s.GetRequiredService<PluginStore>(), s.GetRequiredService<PluginKinds>(), s.GetRequiredService<PluginReader>(), s.GetRequiredService<Lanes>(),
            s.GetRequiredService<WorkQueue>(), s.GetRequiredService<OfferStore>(), s.GetRequiredService<Audit>()));
        services.AddSingleton(s => new ChangePlugin(
            s.GetRequiredService<PluginStore>(), s.GetRequiredService<PluginKinds>(), s.GetRequiredService<PluginSecrets>(), s.GetRequiredService<PluginReader>(),
            s.GetRequiredService<Lanes>(), s.GetRequiredService<WorkQueue>(), s.GetRequiredService<Audit>()));
        services.AddSingleton(s => new PausePlugin(s.GetRequiredService<PluginPauses>(), s.GetRequiredService<PluginReader>()));
        services.AddSingleton(s => new ResumePlugin(s.GetRequiredService<PluginPauses>(), s.GetRequiredService<PluginReader>()));

        services.AddSingleton(s => new PluginHost(
            s.GetRequiredService<Database>(), s.GetRequiredService<PluginStore>(), s.GetRequiredService<PluginKinds>(), s.GetRequiredService<PluginSecrets>(),
            s.GetRequiredService<PluginPauses>(), s.GetRequiredService<Lanes>(), s.GetRequiredService<TimeProvider>(), realTime ?? TimeProvider.System, s.GetRequiredService<ILoggerFactory>()));

        services.AddSingleton<OfferStore>();
        services.AddSingleton(s => new OfferReader(s.GetRequiredService<PluginStore>(), s.GetRequiredService<OfferStore>()));
        services.AddSingleton(s => new FetchOffer(
            s.GetRequiredService<PluginHost>(), s.GetRequiredService<PluginStore>(), s.GetRequiredService<OfferStore>(), s.GetRequiredService<OfferReader>(), s.GetRequiredService<Database>()));
        services.AddSingleton(s => new SelectOffer(
            s.GetRequiredService<PluginStore>(), s.GetRequiredService<OfferStore>(), s.GetRequiredService<OfferReader>(), s.GetRequiredService<PluginKinds>(), s.GetRequiredService<Audit>()));
        services.AddProcess<FetchOfferProcess>();
        services.AddRecurring<FetchOffers>();
        return services;
    }

    /// <summary>Maps <c>/plugins</c> and <c>/plugin-kinds</c>.</summary>
    public static void MapPlugins(this IEndpointRouteBuilder routes) => PluginsEndpoints.Map(routes);

    /// <summary>
    /// After a restore: nothing is asked of any other side before a person resumes it, and an issuer is to be compared first, since it may have done what is not known here any more.
    /// </summary>
    public static async Task AfterRestoreAsync(Tx tx, DateTimeOffset now, string backup, CancellationToken cancellation)
    {
        var reason = $"The database was restored from the backup {backup}.";
        await PluginStore.HoldAsync(tx, reason, now, cancellation);
        await tx.ExecuteAsync("update work_lanes set paused = @yes, why = coalesce(why, @reason) where lane like 'plugin/%'", new { yes = true, reason }, cancellation);
        await tx.ExecuteAsync("update work_lane_slots set is_open = @no where lane like 'plugin/%'", new { no = false }, cancellation);
    }
}
