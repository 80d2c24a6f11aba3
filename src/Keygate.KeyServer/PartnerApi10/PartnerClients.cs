using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>The client that a call names, by login or number: a login serves its own client and those below it.</summary>
internal sealed class PartnerClients(ClientStore store)
{
    /// <summary>True where the login's own client is named.</summary>
    public static bool IsOwn(PartnerCall call, string client) => client == call.Caller.ClientLogin || client == call.Caller.ClientId.Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The client; 250 for one that does not exist, 202 for one out of reach. The login's own takes no look-up.</summary>
    public async Task<Result<ClientTerms>> FindAsync(Session session, PartnerCall call, string client, CancellationToken cancellation)
    {
        if (IsOwn(call, client))
        {
            return call.Caller.Client;
        }

        if (await ClientName.FindAsync(session, store, client, cancellation) is not { } row)
        {
            return KeyServerErrors.ClientUnknown.Because("The client was not found.");
        }

        return await store.IsWithinAsync(session, call.Caller.ClientId, row.Id, cancellation)
            ? row.Terms
            : KeyServerErrors.ObjectDenied.Because("The client is not within the login's reach.");
    }
}
