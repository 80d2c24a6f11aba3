using System.Globalization;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Compares many licenses with their issuer: page by page where it hands out full records, else key by key within the plug-in's calls a minute. Each round is one commit,
/// and what follows goes on where it ended; neither holds more than a page.
/// </summary>
internal sealed class SyncRunProcess(SyncComparing comparing, PluginHost plugins, Database database) : Process
{
    internal const string KindName = "licensing.sync-run";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new CompareStep(comparing, plugins, database)];

    /// <summary>Starts a run; null where one over all licenses of that issuer is under way already.</summary>
    public static async Task<int?> StartAsync(Tx tx, SyncStore store, WorkQueue queue, PluginId issuer, IReadOnlyList<LicenseId>? ids, CancellationToken cancellation)
    {
        if (ids is null && await store.LatestAsync(tx, issuer, cancellation) is { EndedAt: null })
        {
            return null;
        }

        var run = await store.AddRunAsync(tx, issuer, ids, cancellation);
        await queue.StartAsync(
            tx, new StartWork(KindName, issuer.Subject, Json.Write(new Payload(run))) { UniqueKey = FormattableString.Invariant($"{KindName}/{run}") }, cancellation);
        return run;
    }

    private sealed record Payload(int Run);

    private sealed record Ask(int Run, string? Cursor, string? Ids, PluginId Issuer);

    /// <summary>What a round brought.</summary>
    /// <param name="Page">A page of the issuer's keys; null where keys were read one by one.</param>
    /// <param name="Read">What each license's key looks like, or why it was not shown.</param>
    /// <param name="Cursor">Where to go on; null at the end.</param>
    private sealed record Round(KeyPage? Page, IReadOnlyList<ReadKey> Read, string? Cursor)
    {
        /// <summary>True where the issuer shows no keys at all: nothing was compared.</summary>
        public bool Unable { get; init; }
    }

    private sealed record ReadKey(LicenseId License, ShownKey? Shown, string? Cause);

    private sealed class CompareStep(SyncComparing comparing, PluginHost plugins, Database database) : OutsideStep
    {
        // One round ends well within the time of a call, whatever the issuer's pace.
        private const int ReadsMax = 200;
        private static readonly TimeSpan RoundMax = TimeSpan.FromSeconds(20);

        public override string Name => "compare";

        public override ActKind Act => ActKind.Read;

        // An issuer that is away is no matter for a person: the run goes on when it is back.
        public override int? AttemptsMax => int.MaxValue;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation) =>
            await comparing.Store.RunAsync(session, work.Read<Payload>().Run, cancellation) is { EndedAt: null } run
                // A lane of its own: after a restore keys are read while all else waits. The plug-in itself says no while it is paused for another reason.
                ? new Asking { Lane = $"sync/{run.IssuerId}", Request = Json.Write(new Ask(run.Id, run.Cursor, run.Ids, run.IssuerId)) }
                : null;

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var ask = intent.Read<Ask>();
            var id = ask.Issuer;
            if (!(await plugins.IssuerAsync(id, cancellation)).TryGet(out var issuer, out var error))
            {
                return Answer.NotDone(error);
            }

            if (ask.Ids is null && issuer.ListsKeys)
            {
                var listed = await issuer.ListKeysAsync(ask.Cursor, cancellation);
                return listed.Outcome == Work.Outcome.Done && listed.Read<KeyPage>() is var page ? Answer.Done(new Round(page, [], page.Next)) : listed;
            }

            return issuer.CanShow ? await ReadAsync(issuer, ask, cancellation) : Answer.Done(new Round(null, [], null) { Unable = true });
        }

        public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
        {
            var (ask, round) = (intent.Read<Ask>(), answer.Read<Round>());
            var issuer = ask.Issuer;
            if (round.Unable)
            {
                await comparing.Store.CancelAsync(tx, ask.Run, cancellation);
                return Move.Finish;
            }

            var (compared, differing, strays) = round.Page is { } page
                ? await ComparePageAsync(tx, issuer, ask.Cursor, page, cancellation)
                : await CompareReadAsync(tx, issuer, ask, round.Read, cancellation);
            await comparing.Store.AdvanceAsync(tx, ask.Run, round.Cursor, compared, differing, strays, ended: round.Cursor is null, cancellation);
            if (round.Cursor is null && round.Page is not null)
            {
                await comparing.Store.ForgetStraysAsync(tx, issuer, (await comparing.Store.RunAsync(tx, ask.Run, cancellation))!.StartedAt, cancellation);
            }

            // Only who lists all keys shows those that are unknown here; of another issuer a person has to say it.
            if (round.Cursor is null && round.Page is not null)
            {
                var run = (await comparing.Store.RunAsync(tx, ask.Run, cancellation))!;
                await plugins.ComparedAsync(tx, issuer, run.StartedAt, run.Strays, cancellation);
            }

            return round.Cursor is null ? Move.Finish : Move.To(Name);
        }

        // Keys that were read before the issuer fell silent are kept, and the rest is asked for again.
        private async Task<Answer> ReadAsync(Issuer issuer, Ask ask, CancellationToken cancellation)
        {
            var after = ask.Cursor is null ? 0 : int.Parse(ask.Cursor, CultureInfo.InvariantCulture);
            var left = ask.Ids is null ? null : Json.Read<int[]>(ask.Ids).Where(id => id > after).ToArray();
            var part = left is null ? null : left[..Math.Min(ReadsMax, left.Length)];
            var rows = await database.ReadAsync(s => comparing.Store.NextAsync(s, issuer.Id, after, part, ReadsMax, cancellation), cancellation);
            var (read, begun) = (new List<ReadKey>(), TimeProvider.System.GetTimestamp());
            foreach (var row in rows)
            {
                var answer = await issuer.ShowAsync(row.KeyNumber, cancellation);
                if (answer.Outcome is not (Work.Outcome.Done or Work.Outcome.Refused))
                {
                    return read.Count == 0 ? answer : Answer.Done(new Round(null, read, Cursor(read)));
                }

                read.Add(answer.Outcome == Work.Outcome.Done ? new ReadKey(row.Id, answer.Read<ShownKey>(), null) : new ReadKey(row.Id, null, answer.Error!.Detail));
                if (TimeProvider.System.GetElapsedTime(begun) > RoundMax)
                {
                    return Answer.Done(new Round(null, read, Cursor(read)));
                }
            }

            return Answer.Done(new Round(null, read, left is null ? rows.Count < ReadsMax ? null : Cursor(read)
                : left.Length > part!.Length ? part[^1].ToString(CultureInfo.InvariantCulture) : null));
        }

        private static string Cursor(List<ReadKey> read) => read[^1].License.Value.ToString(CultureInfo.InvariantCulture);

        private async Task<(int Compared, int Differing, int Strays)> CompareReadAsync(Tx tx, PluginId issuer, Ask ask, IReadOnlyList<ReadKey> read, CancellationToken cancellation)
        {
            if (read.Count == 0)
            {
                return (0, 0, 0);
            }

            var shown = read.ToDictionary(r => r.License);
            var rows = await comparing.Store.NextAsync(tx, issuer, 0, [.. shown.Keys.Select(k => k.Value)], read.Count, cancellation);
            return (rows.Count, await comparing.CompareAsync(
                tx, issuer, [.. rows.Select(row => (row, shown[row.Id].Shown, shown[row.Id].Cause))], every: ask.Ids is not null, cancellation), 0);
        }

        private async Task<(int Compared, int Differing, int Strays)> ComparePageAsync(Tx tx, PluginId issuer, string? after, KeyPage page, CancellationToken cancellation)
        {
            var here = await comparing.Store.BetweenAsync(tx, issuer, after, page.Next, cancellation);
            var there = page.Keys.ToDictionary(k => SyncRules.Stem(k.Issued.KeyNumber), StringComparer.Ordinal);
            var pairs = new List<(KeyRow, ShownKey?, string?)>();
            foreach (var row in here)
            {
                var stem = SyncRules.Stem(row.KeyNumber);
                if (there.Remove(stem, out var shown))
                {
                    pairs.Add((row, shown, null));
                }
                else if (row.TerminatedAt is null)
                {
                    pairs.Add((row, null, "the issuer lists all keys of the account, and not this one"));
                }
            }

            var strays = there.Values.Where(k => !k.Issued.Terminated).Take(SyncStore.StraysMax).ToList();
            foreach (var stray in strays)
            {
                await comparing.Store.StrayAsync(tx, issuer, stray, cancellation);
            }

            return (pairs.Count, await comparing.CompareAsync(tx, issuer, pairs, every: false, cancellation), strays.Count);
        }
    }
}

/// <summary>Starts the daily pass over each issuer that shows its keys.</summary>
internal sealed class SyncDaily(SyncStore store, WorkQueue queue, PluginReader plugins, TimeProvider time) : RecurringJob
{
    public static readonly TimeSpan Pass = TimeSpan.FromDays(1);

    public override string Name => "licensing.sync-daily";

    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<bool> RunAsync(Tx tx, CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - Pass;
        foreach (var issuer in await plugins.ConnectedIssuersAsync(tx, cancellation))
        {
            var latest = await store.LatestAsync(tx, issuer.Id, cancellation);
            if (latest is null ? issuer.CreatedAt <= before || issuer.RestoredAt is not null : latest.EndedAt is not null && (latest.StartedAt <= before || latest.StartedAt < issuer.RestoredAt))
            {
                await SyncRunProcess.StartAsync(tx, store, queue, issuer.Id, null, cancellation);
            }
        }

        return false;
    }
}
