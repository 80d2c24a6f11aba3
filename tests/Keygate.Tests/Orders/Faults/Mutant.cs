using System.Collections.Concurrent;
using Keygate.Issuers;
using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Orders.Faults;

/// <summary>The simulated issuer with one of the guards against a second key taken out: the soak must find what that does.</summary>
internal sealed class MutantFactory(string kind, bool looks, bool tellsUnknown) : IPluginFactory
{
    private readonly SimulatedFactory _whole = new();

    public PluginManifest Manifest => _whole.Manifest with { Kind = kind };

    public IPlugin Create(PluginContext context) => new Mutant(_whole.Create(context), looks, tellsUnknown);

    private sealed class Mutant(IPlugin whole, bool looks, bool tellsUnknown) : IIssuer, IFindsKeys
    {
        private readonly ConcurrentDictionary<string, bool> _answered = new();

        public TimeSpan MayStillTake => ((IFindsKeys)whole).MayStillTake;

        public Task StartAsync(CancellationToken cancellation) => whole.StartAsync(cancellation);

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => whole.CheckAsync(cancellation);

        // Without Unknown there is no open intent to come back to: a lost answer is repeated as if nothing could have happened.
        public async Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
        {
            var answer = await ((IIssuer)whole).IssueAsync(request, cancellation);
            if (answer.Outcome == Outcome.Done)
            {
                _answered[request.Trace] = true;
            }

            return answer.Outcome == Outcome.Unknown && !tellsUnknown ? Answer.NotDone<IssuedKey>(answer.Reason!) : answer;
        }

        // It finds the keys of which everybody knows, so that it seems to see, and none that a look is for.
        public async Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation)
        {
            var answer = await ((IFindsKeys)whole).FindAsync(asked, cancellation);
            return looks || _answered.ContainsKey(asked.Trace) ? answer : Answer.Done<IReadOnlyList<IssuedKey>>([]);
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => ((IIssuer)whole).RetrieveAsync(keyNumber, cancellation);

        public ValueTask DisposeAsync() => whole.DisposeAsync();
    }
}
