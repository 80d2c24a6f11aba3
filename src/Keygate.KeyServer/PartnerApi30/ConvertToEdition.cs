using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>POST keys/{id}/convert-to-edition</c>, reference 3.10: from a domain-based license to one of an edition. Its items carry no references afterwards.</summary>
internal sealed class ConvertToEdition(
    VendorDoor vendors, KeyStructures structures, KeyStore store, ConvertToEditionHandler handler) : IRestMethod
{
    public string Verb => "POST";

    public string Path => "keys/{id}/convert-to-edition";

    public string Name => "upgradeKey";

    public LoginRole Least => LoginRole.Advanced;

    public Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        KeyCommand.CallAsync(vendors, structures, call, async (tx, name) =>
        {
            if (call.Text("edition") is not { } edition)
            {
                return KeyServerErrors.ParameterMalformed.Because("edition is missing: web-admin, web-pro or web-host.");
            }

            var converted = await handler.HandleAsync(tx, name, edition, call.Key, cancellation);
            if (converted.IsDone)
            {
                await store.SetItemsAsync(tx, converted.Value.Id, [], cancellation);
            }

            return converted;
        }, cancellation);
}
