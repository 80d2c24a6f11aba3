using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Accounts;

/// <summary>A customer's number, as the Billing API and people say it; from 1000001.</summary>
public readonly record struct AccountId(int Value) : INumber<AccountId>
{
    /// <inheritdoc/>
    public static AccountId Of(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Somebody who orders.</summary>
/// <param name="Id">The customer's number.</param>
/// <param name="Name">Name of the person or company.</param>
/// <param name="Email">Where mail goes to.</param>
public sealed record Customer(AccountId Id, string Name, string Email)
{
    /// <summary>Address and person; null where they are not known.</summary>
    public CustomerContact? Contact { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The table of customers.</summary>
public sealed class CustomerStore(TimeProvider time)
{
    /// <summary>The customer of a number; null where there is none.</summary>
    public async Task<Customer?> FindAsync(Session session, AccountId id, CancellationToken cancellation) =>
        await Ask(session, id, cancellation).FindAsync();

    /// <summary>The same as a question.</summary>
    public Question<Customer> Ask(Session session, AccountId id, CancellationToken cancellation) =>
        session.Ask<Row>("select id, name, email, contact, created_at from customers where id = @id", new { id = id.Value }, cancellation).As(row => row.ToCustomer());

    internal async Task<Customer> AddAsync(Tx tx, string name, string email, CustomerContact? contact, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = await tx.InsertAsync(
            "insert into customers(name, email, contact, created_at, changed_at) values (@name, @email, @contact, @now, @now) returning id",
            new { name, email, contact = contact is null ? null : Json.Write(contact), now }, cancellation);
        return new Customer(new AccountId((int)id), name, email) { Contact = contact, CreatedAt = now };
    }

    /// <summary>The customers of higher numbers, by number.</summary>
    public async Task<List<Customer>> ListAsync(Session session, long after, int limit, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(
            "select id, name, email, contact, created_at from customers where id > @after order by id limit @limit", new { after, limit }, cancellation)).Select(row => row.ToCustomer())];

    /// <summary>The customers whose name or mail address begins so, by name; letters count as they are written.</summary>
    public async Task<List<Customer>> BeginningWithAsync(Session session, string text, int limit, CancellationToken cancellation) =>
        [.. (await session.QueryAsync<Row>(
            """
            select id, name, email, contact, created_at from customers where (name >= @text and name < @end) or (email >= @text and email < @end) order by name, id limit @limit
            """,
            new { text, end = text + "\uffff", limit }, cancellation)).Select(row => row.ToCustomer())];

    private sealed class Row
    {
        public int Id { get; init; }
        public string Name { get; init; } = "";
        public string Email { get; init; } = "";
        public string? Contact { get; init; }
        public DateTimeOffset CreatedAt { get; init; }

        public Customer ToCustomer() => new(new AccountId(Id), Name, Email) { Contact = Contact is null ? null : Json.Read<CustomerContact>(Contact), CreatedAt = CreatedAt };
    }
}
