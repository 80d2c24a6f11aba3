using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>
/// Looks at an issuer, once for each request, whether it made more than one key for it although its answer was clean: somebody on the way may have
/// repeated the call. Surplus keys are ended. Nothing waits for it, so it is asked again for as long as the issuer cannot be.
/// </summary>
internal sealed class FindSurplusKeys(LicenseStore store, PluginHost plugins, WorkQueue queue) : Process
{
    /// <summary>Requests that one process looks for: what one call of a step has time for at a slow issuer.</summary>
    public const int RequestsMax = 20;

    private const string KindName = "licensing.find-surplus-keys";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } = [new Find(store, plugins, queue)];

    public static StartWork Of(PluginId issuer, IReadOnlyList<LicenseId> licenses) => new(KindName, issuer.Subject, Json.Write(new Asked(issuer, licenses)));

    private sealed record Asked(PluginId Issuer, IReadOnlyList<LicenseId> Licenses);

    private sealed record FoundKeys(LicenseId License, IReadOnlyList<IssuedKey> Keys);

    private sealed class Find(LicenseStore store, PluginHost plugins, WorkQueue queue) : OutsideStep
    {
        private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(15);

        public override string Name => "find";

        public override ActKind Act => ActKind.Read;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
        {
            var requests = new List<IssueRequest>();
            foreach (var id in work.Read<Asked>().Licenses)
            {
                if (await store.FindAsync(session, id, cancellation) is { Trace: not null } license)
                {
                    requests.Add(IssueStep.Asked(license));
                }
            }

            return requests.Count == 0 ? null : new Asking { Lane = work.Read<Asked>().Issuer.Lane, Request = Json.Write(requests) };
        }

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
            {
                return Answer.NotAsked(error, AskAgainAfter);
            }

            var requests = intent.Read<List<IssueRequest>>();
            var answer = await issuer.FindAsync(requests, neverLaid: intent.TokenAsMac, cancellation);
            return answer.Outcome switch
            {
                // One key is the request's own.
                Work.Outcome.Done => Answer.Done(requests.Zip(
                    answer.Read<List<IReadOnlyList<IssuedKey>>>(), (asked, keys) => new FoundKeys(LicenseId.Of(asked.LicenseId), keys)).Where(f => f.Keys.Count > 1)),

                // An issuer that cannot be searched shows surplus keys only to who compares all of them with ours.
                Work.Outcome.Refused => Answer.Done(Array.Empty<FoundKeys>()),
                Work.Outcome.NotAsked => answer,
                _ => Answer.NotAsked(answer.Error ?? PluginsErrors.Unknown, AskAgainAfter),
            };
        }

        public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
        {
            foreach (var found in answer.Read<List<FoundKeys>>())
            {
                var license = await store.LockAsync(tx, found.License, cancellation);
                foreach (var key in found.Keys.Where(k => !k.Terminated))
                {
                    if (!await store.HasKeyAsync(tx, license.IssuerId, key.KeyNumber, cancellation))
                    {
                        await EndSurplusKey.StartAsync(queue, tx, license, key, cancellation);
                    }
                }
            }

            return Move.Finish;
        }
    }
}
