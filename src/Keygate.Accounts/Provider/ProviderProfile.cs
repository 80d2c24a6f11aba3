using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Who runs this Keygate: what customers are shown, and what new plans begin with.</summary>
public sealed record ProviderProfile
{
    private const int NameLengthMax = 255;

    /// <summary>The name that customers know.</summary>
    public string Name { get; init; } = "";

    /// <summary>The host name under which customers reach Keygate, with a port where it is not the usual one.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Where customers write to.</summary>
    public string Email { get; init; } = "";

    /// <summary>The currency of new plans, three letters of ISO 4217.</summary>
    public string Currency { get; init; } = "";

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new List<Error>();
        if (string.IsNullOrWhiteSpace(Name))
        {
            faults.Add(AccountsErrors.FieldMissing.Because("The name is empty.").At("name"));
        }
        else if (Name.Length > NameLengthMax)
        {
            faults.Add(AccountsErrors.TextTooLong.Because($"The name has {Name.Length} characters; {NameLengthMax} are the most.").At("name"));
        }

        if (HostName.Length is 0 or > NameLengthMax || !Uri.TryCreate($"https://{HostName}/", UriKind.Absolute, out var url) || !string.Equals(url.Authority, HostName, StringComparison.OrdinalIgnoreCase)
            || url.HostNameType == UriHostNameType.Basic)
        {
            faults.Add(AccountsErrors.HostNameInvalid.Because($"'{HostName}' is no host name.").At("hostName"));
        }

        if (!CreateCustomerRequest.IsEmail(Email))
        {
            faults.Add(AccountsErrors.EmailInvalid.Because($"'{Email}' is no mail address.").At("email"));
        }

        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper))
        {
            faults.Add(AccountsErrors.CurrencyInvalid.Because($"'{Currency}' is no currency code.").At("currency"));
        }

        return faults;
    }
}

/// <summary>Reads and changes the provider's profile.</summary>
public sealed class ProviderProfiles(Audit audit, TimeProvider time)
{
    /// <summary>The profile; null before it was first written.</summary>
    public Task<ProviderProfile?> FindAsync(Session session, CancellationToken cancellation) =>
        session.FindAsync<ProviderProfile>("select name, host_name, email, currency from provider_profile", null, cancellation);

    /// <summary>Writes it whole; may be repeated.</summary>
    public async Task<Result<ProviderProfile>> ChangeAsync(Tx tx, ProviderProfile profile, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(profile.Faults()) is { } error)
        {
            return error;
        }

        await tx.ExecuteAsync(
            """
            insert into provider_profile(id, name, host_name, email, currency, changed_at) values (1, @Name, @HostName, @Email, @Currency, @now)
            on conflict (id) do update set name = excluded.name, host_name = excluded.host_name, email = excluded.email, currency = excluded.currency, changed_at = excluded.changed_at
            """,
            new { profile.Name, profile.HostName, profile.Email, profile.Currency, now = time.GetUtcNow() }, cancellation);
        await audit.AddAsync(tx, actor, "provider.changed", "provider", $"{profile.Name}, {profile.HostName}, {profile.Currency}", cancellation);
        return profile;
    }
}
