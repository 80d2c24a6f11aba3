using System.Security.Cryptography;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Identity;

namespace Keygate.KeyServer;

/// <summary>A client that was just made. The password is shown this once.</summary>
internal sealed record CreatedClient(ClientRow Client, string Password)
{
    /// <summary>Shows nothing of the password.</summary>
    public override string ToString() => $"{Client.Login} (***)";
}

/// <summary>
/// Makes an account below another: it orders from the same price list under the same terms, and the logins above reach its keys. Login and password are made where they
/// are missing. The password is for people, not for the Partner APIs, and is kept as a slow hash.
/// </summary>
internal sealed class CreateClientHandler(ClientStore clients, TimeProvider time)
{
    private const int MadeLoginDigits = 10, MadePasswordLength = 20;
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static readonly PasswordHasher<string> Hasher = new();

    public async Task<Result<CreatedClient>> HandleAsync(Tx tx, ClientId above, NewClient client, string by, CancellationToken cancellation)
    {
        var login = client.Login.Length > 0 ? client.Login : $"c{RandomNumberGenerator.GetString("0123456789", MadeLoginDigits)}";
        if (await clients.FindAsync(tx, login, cancellation) is not null)
        {
            return KeyServerErrors.LoginTaken.Because($"Another client has the login \"{login}\".");
        }

        var parent = (await clients.FindAsync(tx, above, cancellation))!;
        var password = client.Password.Length > 0 ? client.Password : RandomNumberGenerator.GetString(Letters, MadePasswordLength);
        var row = new ClientRow
        {
            Login = login, Name = client.Company, PriceListId = parent.PriceListId, DefaultBilling = parent.DefaultBilling, ParentId = parent.Id, Unpriced = parent.Unpriced,
            FirstName = client.FirstName, LastName = client.LastName, Company = client.Company, Address = client.Address, Email = client.Email, Phone = client.Phone,
            Fax = client.Fax, City = client.City, Zip = client.Zip, State = client.State, Country = client.Country.ToUpperInvariant(), Language = client.Language,
            EmailLanguage = client.EmailLanguage,
        };
        var id = await clients.AddAsync(tx, row, Hasher.HashPassword(login, password), by, time.GetUtcNow(), cancellation);
        return new CreatedClient(row with { Id = id }, password);
    }
}
