using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>What to search clients by; what is empty does not count.</summary>
internal sealed record ClientSearch(string FirstName, string LastName, string Company, string Email, KeyName? Key);

/// <summary>Finds accounts below another whose fields contain the texts given, whatever their case; all that are given must fit.</summary>
internal sealed class SearchClientsHandler(ClientStore clients, KeyStore keys)
{
    public async Task<IReadOnlyList<ClientRow>> HandleAsync(Session session, ClientId above, ClientSearch search, CancellationToken cancellation)
    {
        var key = search.Key is null ? null : await keys.FindAsync(session, search.Key, cancellation);
        if (search.Key is not null && key is null)
        {
            return [];
        }

        // Case is folded here and not in SQL: the two engines fold differently, and one account has few enough others below it.
        return [.. (await clients.BelowAsync(session, above, cancellation)).Where(client =>
            (key is null || client.Id == key.ClientId) && Holds(client.FirstName, search.FirstName) && Holds(client.LastName, search.LastName)
            && Holds(client.Company, search.Company) && Holds(client.Email, search.Email))];
    }

    private static bool Holds(string field, string text) => field.Contains(text, StringComparison.OrdinalIgnoreCase);
}
