using System.Collections.Concurrent;
using Keygate.Issuers;
using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Orders.Faults;

/// <summary>What keeps a request from having two keys.</summary>
[Flags]
public enum Guards
{
    None = 0,

    /// <summary>A lost answer is told from a call that was never sent.</summary>
    Unknown = 1,

    /// <summary>After a lost answer the key is looked for.</summary>
    Look = 2,

    /// <summary>A second key is found and ended.</summary>
    Surplus = 4,

    All = 7,
}

/// <summary>The simulated issuer with one of the guards against a second key taken out: the soak must find what that does.</summary>
internal sealed class MutantFactory(Guards guards) : IPluginFactory
{
    public const string Kind = "issuer.mutant";

    private readonly SimulatedFactory _whole = new();

    public PluginManifest Manifest => _whole.Manifest with { Kind = Kind };

    public IPlugin Create(PluginContext context) => new Mutant(_whole.Create(context), guards);

    private sealed class Mutant(IPlugin whole, Guards guards) : IIssuer, IFindsKeys, ITerminatesKeys
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

            return answer.Outcome == Outcome.Unknown && !guards.HasFlag(Guards.Unknown) ? Answer.NotDone<IssuedKey>(answer.Reason!) : answer;
        }

        // Without the look it finds the keys of which everybody knows, so that it seems to see, and none that a look is for.
        public async Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation)
        {
            var answer = await ((IFindsKeys)whole).FindAsync(asked, cancellation);
            return answer.Outcome != Outcome.Done ? answer
                : !guards.HasFlag(Guards.Look) && !_answered.ContainsKey(asked.Trace) ? Answer.Done<IReadOnlyList<IssuedKey>>([])
                : !guards.HasFlag(Guards.Surplus) ? Answer.Done<IReadOnlyList<IssuedKey>>([.. answer.Value!.Take(1)])
                : answer;
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => ((IIssuer)whole).RetrieveAsync(keyNumber, cancellation);

        public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => ((ITerminatesKeys)whole).TerminateAsync(keyNumber, cancellation);

        public ValueTask DisposeAsync() => whole.DisposeAsync();
    }
}
