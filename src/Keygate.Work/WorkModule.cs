using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keygate.Work;

/// <summary>Adds the room to the host.</summary>
public static class WorkModule
{
    /// <summary>The engine over the default <see cref="Database"/>, with its queue and lanes; it works from when the listeners do until the server stops.</summary>
    public static IServiceCollection AddWork(this IServiceCollection services)
    {
        services.TryAddSingleton(new WorkOptions());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new WorkEngine(
            provider.GetRequiredService<Database>(), provider.GetServices<Process>, provider.GetServices<RecurringJob>,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<WorkOptions>(), provider.GetRequiredService<ILogger<WorkEngine>>()));
        services.AddSingleton(provider => provider.GetRequiredService<WorkEngine>().Queue);
        services.AddSingleton(provider => provider.GetRequiredService<WorkEngine>().Lanes);
        services.AddRecurring<PruneWork>();
        return services.AddWorkOf(provider => provider.GetRequiredService<WorkEngine>());
    }

    /// <summary>Lets an engine work from when the listeners do until the server stops; for one over a database other than the default.</summary>
    public static IServiceCollection AddWorkOf(this IServiceCollection services, Func<IServiceProvider, WorkEngine> engine) =>
        services.AddSingleton<IHostedService>(provider => new Host(engine(provider)));

    /// <summary>A process of a room.</summary>
    public static IServiceCollection AddProcess<TProcess>(this IServiceCollection services)
        where TProcess : Process => services.AddSingleton<Process, TProcess>();

    /// <summary>A recurring job of a room.</summary>
    public static IServiceCollection AddRecurring<TJob>(this IServiceCollection services)
        where TJob : RecurringJob => services.AddSingleton<RecurringJob, TJob>();

    /// <summary>After a restore: the nodes of the backup live no more; what they held is taken on by others.</summary>
    public static Task AfterRestoreAsync(Tx tx, CancellationToken cancellation) => tx.ExecuteAsync("update work_nodes set beat_at = 0", null, cancellation);

    // Work begins after the listeners are open and ends before they close: whoever waits for its outcome can still be answered.
    private sealed class Host(WorkEngine engine) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            engine.Start();
            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => engine.StopAsync();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
