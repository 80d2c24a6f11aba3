using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A new customer.</summary>
public sealed record CreateCustomerRequest
{
    /// <summary>Name of the person or company.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where mail goes to.</summary>
    public string Email { get; init; } = "";

    /// <summary>Address and person, where they are known.</summary>
    public CustomerContact? Contact { get; init; }

    /// <summary>All that is wrong with the request's shape.</summary>
    public IReadOnlyList<Error> Faults()
    {
        var faults = new List<Error>();
        if (string.IsNullOrWhiteSpace(Name))
        {
            faults.Add(AccountsErrors.FieldMissing.Because("The customer has no name.").At("name"));
        }

        if (!IsEmail(Email))
        {
            faults.Add(AccountsErrors.EmailInvalid.Because($"'{Email}' is no mail address.").At("email"));
        }

        faults.AddRange(Contact?.Faults() ?? []);
        return faults;
    }

    /// <summary>True for what may be a mail address; only a mail that arrives shows that it is one.</summary>
    internal static bool IsEmail(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at >= 1 && at == text.LastIndexOf('@') && at < text.Length - 1 && text.Length <= 254 && !text.Any(char.IsWhiteSpace);
    }
}

/// <summary>Writes a new customer.</summary>
public sealed class CreateCustomer(CustomerStore customers, Audit audit)
{
    public async Task<Result<Customer>> HandleAsync(Tx tx, CreateCustomerRequest request, Actor actor, CancellationToken cancellation)
    {
        if (Error.Of(request.Faults()) is { } error)
        {
            return error;
        }

        var customer = await customers.AddAsync(tx, request.Name.Trim(), request.Email, request.Contact, cancellation);
        await audit.AddAsync(tx, actor, "customer.created", $"customer/{customer.Id}", null, cancellation);
        return customer;
    }
}
