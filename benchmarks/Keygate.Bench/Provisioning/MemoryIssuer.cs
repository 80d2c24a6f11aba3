using System.Globalization;
using Keygate.Plugins.Abstractions;

namespace Keygate.Bench.Provisioning;

/// <summary>An issuer in this process that answers at once: the bench measures what Keygate does around the issuer.</summary>
internal sealed class MemoryIssuerFactory : IPluginFactory
{
    public const string Kind = "issuer.bench";

    // As large as the payload of the limit's script.
    private static readonly byte[] File = [.. Enumerable.Repeat((byte)'k', 1500)];

    public PluginManifest Manifest { get; } = new(Kind, "Bench issuer", "Answers at once, from memory.", []);

    public IPlugin Create(PluginContext context) => new MemoryIssuer();

    private sealed class MemoryIssuer : IIssuer
    {
        private int _last;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked("It answers.")));

        public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"BNCH.{Interlocked.Increment(ref _last):00000000}.0000");
            return Task.FromResult(Answer.Done(new IssuedKey { KeyNumber = number, ExpirationDate = new DateOnly(2099, 12, 31), UpdateDate = new DateOnly(2099, 12, 21) }));
        }

        public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
            Task.FromResult(Answer.Done(new RetrievedFile(keyNumber, File, "xml")));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
