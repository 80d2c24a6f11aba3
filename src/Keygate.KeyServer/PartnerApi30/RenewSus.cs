using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>POST keys/{id}/renew-sus</c>, reference 3.8. <b>Not repeatable</b>: each call prolongs the updates.</summary>
internal sealed class RenewSus(VendorDoor vendors, KeyStructures structures, RenewSusHandler handler) : IRestMethod
{
    public string Verb => "POST";

    public string Path => "keys/{id}/renew-sus";

    public string Name => "upgradeKey";

    public LoginRole Least => LoginRole.Advanced;

    public Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        KeyCommand.CallAsync(vendors, structures, call, (tx, name) => handler.HandleAsync(tx, name, call.Key, cancellation), cancellation);
}
