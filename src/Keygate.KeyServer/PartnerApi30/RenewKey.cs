using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>GET keys/{id}/renew</c>, reference 3.7: a GET, though it changes the key. <b>Not repeatable</b>: each call adds a term.</summary>
internal sealed class RenewKey(VendorDoor vendors, KeyStructures structures, RenewKeyHandler handler) : IRestMethod
{
    public string Verb => "GET";

    public string Path => "keys/{id}/renew";

    public string Name => "renewKey";

    public LoginRole Least => LoginRole.Advanced;

    public Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        KeyCommand.CallAsync(vendors, structures, call, async (tx, name) => (await handler.HandleAsync(tx, name, call.Key, cancellation)).Map(changed => changed.Key), cancellation);
}
