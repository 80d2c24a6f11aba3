using System.Globalization;
using System.Text.RegularExpressions;
using Keygate.Storage;

namespace Keygate.KeyServer;

/// <summary>How a client is named: by its login, or by its number.</summary>
internal static partial class ClientName
{
    /// <summary>True for a login that every door can carry.</summary>
    public static bool IsLogin(string text) => LoginForm().IsMatch(text);

    /// <summary>The client of a login or number. A login that looks like a number is found first.</summary>
    public static async Task<ClientRow?> FindAsync(Session session, ClientStore store, string text, CancellationToken cancellation) =>
        await store.FindAsync(session, text, cancellation)
        ?? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? await store.FindAsync(session, ClientId.Of(id), cancellation) : null);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,254}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LoginForm();
}

/// <summary>What sort of account a client has.</summary>
public enum AccountKind
{
    /// <summary>Owns keys; may have clients below it.</summary>
    Client,

    /// <summary>Orders for the clients below it, and owns no keys itself.</summary>
    Reseller,
}

/// <summary>What a login of the Partner APIs may do.</summary>
public enum LoginRole
{
    /// <summary>Every method.</summary>
    All,

    /// <summary>Every method but marking keys as problem.</summary>
    Advanced,

    /// <summary>Reading, creating, activating, retrieving and sending keys, notes, and the login's own password.</summary>
    Standard,
}
