using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>DELETE keys/{id}</c>, reference 3.5. May be repeated: a terminated key is found as wanted. A suspended key is terminated too (ADR 0018): panel modules suspend before they terminate.</summary>
internal sealed class TerminateKey(VendorDoor vendors, KeyStructures structures, TerminateKeyHandler handler) : IRestMethod
{
    public string Verb => "DELETE";

    public string Path => "keys/{id}";

    public string Name => "terminateKey";

    public LoginRole Least => LoginRole.Advanced;

    public Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        KeyCommand.CallAsync(vendors, structures, call, async (tx, name) => (await handler.HandleAsync(tx, name, call.Key, cancellation)).Map(changed => changed.Key), cancellation);
}
