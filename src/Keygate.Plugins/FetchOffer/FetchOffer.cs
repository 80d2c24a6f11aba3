using Keygate.Kernel;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Plugins;

/// <summary>
/// Lists what an issuer's account offers: after the plug-in was added or leads elsewhere, on demand, and daily. Only then is the plug-in <i>Configured</i>.
/// </summary>
public sealed class FetchOffer
{
    internal static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private readonly PluginHost _host;
    private readonly PluginStore _plugins;
    private readonly OfferStore _offers;
    private readonly OfferReader _reader;
    private readonly Database _database;

    internal FetchOffer(PluginHost host, PluginStore plugins, OfferStore offers, OfferReader reader, Database database) =>
        (_host, _plugins, _offers, _reader, _database) = (host, plugins, offers, reader, database);

    /// <summary>Lists it now and tells what is known then. Refused where the issuer cannot be asked or refuses; what was known stays. Outside transactions.</summary>
    public async Task<Result<PluginOffer>> HandleAsync(PluginId id, CancellationToken cancellation)
    {
        var answer = await AskAsync(id, cancellation);
        var failure = answer.Outcome == Work.Outcome.Done
            ? await _database.WriteAsync(tx => RecordAsync(tx, id, answer.Read<Told>(), cancellation), cancellation)
            : answer.Error ?? PluginsErrors.Unknown.Because("The issuer has not finished answering.");
        if (failure is not null)
        {
            await _database.WriteAsync(tx => _offers.RecordFailureAsync(tx, id, failure.Detail, failure.Remedy, cancellation), cancellation);
            return failure;
        }

        return await _database.ReadAsync(s => _reader.ShowAsync(s, id, cancellation), cancellation);
    }

    /// <summary>
    /// Lists it where that was not done yet for the present settings: whoever is about to sell from the plug-in need not wait for the background. What comes of
    /// it stands with the plug-in.
    /// </summary>
    public async Task EnsureAsync(PluginId id, CancellationToken cancellation)
    {
        var row = await _database.ReadAsync(s => _plugins.FindAsync(s, id, cancellation), cancellation);
        if (row is { IsIssuer: true, OfferAt: null, PausedAt: null })
        {
            await HandleAsync(id, cancellation);
        }
    }

    /// <summary>Asks the issuer; the value is a <see cref="Told"/>.</summary>
    internal async Task<Answer> AskAsync(PluginId id, CancellationToken cancellation)
    {
        if (!(await _host.IssuerAsync(id, cancellation)).TryGet(out var issuer, out var error))
        {
            return Answer.Refused(error);
        }

        if (issuer.IsByHand)
        {
            var ticked = await _database.ReadAsync(s => _reader.TickedAsync(s, id, cancellation), cancellation);
            return Answer.Done(new Told(OfferKind.Ticked, ticked, issuer.Version));
        }

        if (!issuer.ListsOffer)
        {
            return Answer.Done(new Told(OfferKind.Untold, new IssuerOffer([], []), issuer.Version));
        }

        var answer = await issuer.GetOfferAsync(cancellation);
        if (answer.Outcome != Work.Outcome.Done)
        {
            return answer;
        }

        var listed = answer.Read<IssuerOffer>();
        return Answer.Done(new Told(listed.Everything ? OfferKind.Everything : OfferKind.Listed, listed, issuer.Version));
    }

    /// <summary>Writes an answer down; the refusal where it belongs to other settings by now.</summary>
    internal async Task<Error?> RecordAsync(Tx tx, PluginId id, Told told, CancellationToken cancellation) =>
        await _offers.RecordAsync(tx, id, told.Version, told.Kind, told.Offer, cancellation)
            ? null
            : PluginsErrors.ChangedMeanwhile.Because($"Plug-in {id} was changed while its issuer was asked.").Mend("Synchronize it again.");

    /// <summary>What was told.</summary>
    /// <param name="Kind">How it is known.</param>
    /// <param name="Offer">The offer.</param>
    /// <param name="Version">The version of the plug-in that was asked.</param>
    internal sealed record Told(OfferKind Kind, IssuerOffer Offer, int Version);
}

/// <summary>The same in the background: tried until the issuer answers.</summary>
internal sealed class FetchOfferProcess(FetchOffer fetch, OfferStore offers, PluginReader plugins) : Process
{
    private const string KindName = "plugins.fetch-offer";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Fetch(fetch, offers, plugins)];

    /// <summary>The work for one plug-in; as long as it is open it is not started again.</summary>
    public static async Task StartAsync(Tx tx, WorkQueue queue, PluginId id, CancellationToken cancellation)
    {
        var before = await queue.ViewAsync(tx, [id.Subject], cancellation);
        if (!before.Any(w => w.Kind == KindName && w.IsOpen))
        {
            await queue.StartAsync(tx, new StartWork(KindName, id.Subject, Json.Write(new Of(id))).After(before), cancellation);
        }
    }

    private sealed record Of(PluginId Plugin);

    private sealed record Result(FetchOffer.Told? Told, Error? Refusal);

    private sealed class Fetch(FetchOffer fetch, OfferStore offers, PluginReader plugins) : OutsideStep
    {
        public override string Name => "fetch";

        public override ActKind Act => ActKind.Read;

        // An issuer that is away is no matter for a person: the plug-in says so itself.
        public override int? AttemptsMax => int.MaxValue;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            await plugins.FindAsync(session, work.Read<Of>().Plugin, cancellation) is { PausedAt: null }
                ? new Asking { Lane = work.Read<Of>().Plugin.Lane, Request = work.Payload }
                : null;

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var answer = await fetch.AskAsync(intent.Read<Of>().Plugin, cancellation);

            // A refusal is written down with the plug-in, and the next day's try is another one.
            return answer.Outcome switch
            {
                Work.Outcome.Done => Answer.Done(new Result(answer.Read<FetchOffer.Told>(), null)),
                Work.Outcome.Refused => Answer.Done(new Result(null, answer.Error)),
                _ => answer,
            };
        }

        public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
        {
            var (id, result) = (work.Read<Of>().Plugin, answer.Read<Result>());
            var failure = result.Told is { } told ? await fetch.RecordAsync(tx, id, told, cancellation) : result.Refusal;
            if (failure?.Code == PluginsErrors.ChangedMeanwhile.Code)
            {
                return Move.To(Name);
            }

            if (failure is not null)
            {
                await offers.RecordFailureAsync(tx, id, failure.Detail, failure.Remedy, cancellation);
            }

            return Move.Finish;
        }
    }
}

/// <summary>Starts the listings that are due.</summary>
internal sealed class FetchOffers(PluginStore plugins, WorkQueue queue, TimeProvider time) : RecurringJob
{
    public override string Name => "plugins.fetch-offers";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - FetchOffer.Every;
        foreach (var row in await plugins.IssuersAsync(tx, cancellation))
        {
            // One that failed is tried at the job's own pace.
            if (row.OfferAt is null || row.OfferCause is not null || row.OfferTriedAt <= before)
            {
                await FetchOfferProcess.StartAsync(tx, queue, row.Id, cancellation);
            }
        }

        return false;
    }
}
