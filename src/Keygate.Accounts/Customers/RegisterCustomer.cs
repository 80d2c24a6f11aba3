using System.Data.Common;
using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>Somebody who opens an account in the store.</summary>
/// <param name="Name">Name of the person or company.</param>
/// <param name="Email">Where mail goes to, and what they sign in with.</param>
/// <param name="Password">The password of their choice.</param>
public sealed record RegisterCustomerRequest(string Name, string Email, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Email} ***";
}

/// <summary>Makes a customer who can sign in. Always a new one: knowing an address gives nobody what belongs to somebody else.</summary>
public sealed class RegisterCustomer(CreateCustomer create, Audit audit, TimeProvider time)
{
    /// <summary>All faults at once, then the address must be free.</summary>
    public async Task<Result<Customer>> HandleAsync(Tx tx, RegisterCustomerRequest request, CancellationToken cancellation)
    {
        var customer = new CreateCustomerRequest { Name = request.Name, Email = request.Email.Trim() };
        if (Error.Of([.. customer.Faults(), .. Passwords.LengthFaults(request.Password)]) is { } error)
        {
            return error;
        }

        var login = Login(request.Email);
        if (await tx.GetAsync<long>("select count(*) from customer_logins where email = @login", new { login }, cancellation) > 0)
        {
            return Taken(login);
        }

        var actor = new Actor(ActorKind.Customer, null, customer.Name.Trim());
        if (!(await create.HandleAsync(tx, customer, actor, cancellation)).TryGet(out var made, out error))
        {
            return error;
        }

        try
        {
            await tx.ExecuteAsync(
                "insert into customer_logins(customer_id, email, password_hash, created_at, changed_at) values (@id, @login, @hash, @now, @now)",
                new { id = made.Id.Value, login, hash = Passwords.Hash(login, request.Password), now = time.GetUtcNow() }, cancellation);
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            return Taken(login);
        }

        await audit.AddAsync(tx, actor, "customer.registered", $"customer/{made.Id}", null, cancellation);
        return made;
    }

    /// <summary>What a customer signs in with.</summary>
    internal static string Login(string email) => email.Trim().ToLowerInvariant();

    private static Error Taken(string login) => AccountsErrors.EmailTaken.Because($"Somebody signs in as {login} already.").At("email");
}
