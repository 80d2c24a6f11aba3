using Keygate.Plugins.Abstractions;

namespace Keygate.Issuers;

/// <summary>
/// The kind <c>issuer.offline</c>: an issuer without a connection. A person passes the text of a license request on, by mail or in a web form, and
/// uploads the keys and files that come back.
/// </summary>
public sealed class OfflineFactory : IPluginFactory
{
    internal const string Contact = "contact";

    /// <inheritdoc/>
    public PluginManifest Manifest { get; } = new(
        "issuer.offline", "Offline", "Issues nothing by itself: license requests are passed on by a person, who uploads the keys and files that come back.",
        [
            new(Contact, SettingType.Text, "Contact", "Where requests are sent to: a name, a mail address or a web page. Shown only."),
        ])
    {
        ByHand = true,
    };

    /// <inheritdoc/>
    public IPlugin Create(PluginContext context) => new Offline(context[Contact]);
}

/// <summary>An issuer that a person stands for. Keygate does not call it to issue; where something else does, it refuses and says what to do.</summary>
internal sealed class Offline(string contact) : IIssuer, IRenewsKeys, ITerminatesKeys
{
    private static readonly Reason NoConnection = new("An offline issuer has no connection.", "Pass the license request on and upload the keys and files that come back.");

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(Answer.Done(new Checked(
        contact.Length == 0 ? "There is nothing to connect to." : $"There is nothing to connect to; requests are sent to {contact}.")));

    public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) => Task.FromResult(Answer.Refused<IssuedKey>(NoConnection));

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) => Task.FromResult(Answer.Refused<RetrievedFile>(NoConnection));

    public TimeSpan MayStillTake => TimeSpan.Zero;

    public Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation) => Task.FromResult(Answer.Refused<ShownKey>(NoConnection));

    public Task<Answer<RenewedKey>> RenewAsync(string keyNumber, CancellationToken cancellation) => Task.FromResult(Answer.Refused<RenewedKey>(ByHand("renew", keyNumber)));

    public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) => Task.FromResult(Answer.Refused<TerminatedKey>(ByHand("terminate", keyNumber)));

    private Reason ByHand(string act, string keyNumber) => new(
        contact.Length == 0 ? $"An offline issuer has no connection: {act} {keyNumber} there by hand." : $"An offline issuer has no connection: ask {contact} to {act} {keyNumber}.",
        "Pass the request on, and say here what came of it.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
