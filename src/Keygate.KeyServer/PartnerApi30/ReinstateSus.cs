using System.Text.Json;
using Keygate.Kernel;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary><c>POST keys/{id}/reinstate-sus</c>, reference 3.9. Where updates are billed as an item of their own, <c>externalId</c> is that item's.</summary>
internal sealed class ReinstateSus(
    VendorDoor vendors, KeyStructures structures, KeyStore store, ReinstateSusHandler handler) : IRestMethod
{
    public string Verb => "POST";

    public string Path => "keys/{id}/reinstate-sus";

    public string Name => "upgradeKey";

    public LoginRole Least => LoginRole.Advanced;

    public Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation) =>
        KeyCommand.CallAsync(vendors, structures, call, async (tx, name) =>
        {
            if (!(await handler.HandleAsync(tx, name, call.Key, cancellation)).TryGet(out var reinstated, out var refusal))
            {
                return refusal;
            }

            if (reinstated.Billed is { } billed)
            {
                var externalId = call.Text("externalId") is { } text ? JsonSerializer.Serialize(text) : null;
                var lines = (await store.ItemsAsync(tx, reinstated.Key.Id, cancellation)).Where(line => line.Feature != billed.Id);
                await store.SetItemsAsync(tx, reinstated.Key.Id, [.. lines, new KeyItemRow { Feature = billed.Id, ExternalId = externalId }], cancellation);
            }

            return reinstated.Key;
        }, cancellation);
}
