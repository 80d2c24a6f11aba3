using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing.Bm;

/// <summary>Customers, which the Billing API calls accounts (reference 5.7).</summary>
internal sealed class AccountMethods(CreateCustomer create, CustomerStore customers) : IBillingMethods
{
    private const string Fields =
        "AccountID, VendorAccountID, type (3), CompanyName, Address1, Address2, City, State, Zip, CountryID, PostalAddress, AdminFirstName, AdminMiddleName, AdminLastName, AdminEmail, "
        + "phone country, area, number, extension, fax country, area, number, extension, CreationDate, AStatus (0 active), FullyRegistred (1)";

    private static readonly BillingParameter[] Contact =
    [
        BillingParameter.Vendor, BillingParameter.Int("type", "3, a customer"), .. NewCustomer.Names.Select(n => BillingParameter.Text(n.Name, n.Meaning, n.LengthMax) with { Optional = n.Optional }),
    ];

    public IEnumerable<BillingMethod> All =>
    [
        new(Bm.Server, "AccountAdd_API", "Adds a customer.", Contact, "ItemResult: AccountID", AddAsync)
        {
            Changes = true, TakesMore = true, Notes = "The name is the company's, else the person's. The contacts for billing, technique and the person, and the tax status, may follow; they are taken and not kept.",
        },
        new(Bm.Server, "AccountDetailsGet_API", "Shows a customer.", [BillingParameter.Int("AccountID", "the account")], $"ItemResult: {Fields}", ShowAsync) { Aliases = ["AccountDetailsGetEx_API"] },
    ];

    private async Task<Result<BillingAnswer>> AddAsync(BillingCall call, CancellationToken cancellation)
    {
        if (Wire.Foreign(call) is { } foreign)
        {
            return foreign;
        }

        if (call.Int("type") != 3)
        {
            return ApiErrors.BillingValueUnfit.Because($"type is {call.Int("type")}; only customers (3) are accounts here.");
        }

        return (await create.HandleAsync(call.Tx, NewCustomer.Of(call.Text), call.Actor, cancellation)).Map(customer => BillingAnswer.Item(customer.Id.Value));
    }

    private async Task<Result<BillingAnswer>> ShowAsync(BillingCall call, CancellationToken cancellation)
    {
        if (await customers.FindAsync(call.Session, AccountId.Of(call.Int("AccountID")), cancellation) is not { } customer)
        {
            return AccountsErrors.CustomerUnknown.Because($"Table Account does not contain row with ID {call.Int("AccountID")}.");
        }

        var contact = customer.Contact ?? new CustomerContact { Company = customer.Name };
        return BillingAnswer.Item(
        [
            customer.Id.Value, Wire.Vendor, 3, contact.Company, contact.Address1, contact.Address2, contact.City, contact.State, contact.Zip, contact.Country, contact.PostalAddress,
            contact.FirstName, contact.MiddleName, contact.LastName, customer.Email, .. Phone(contact.Phone), .. Phone(contact.Fax), Wire.Time(customer.CreatedAt), 0, 1,
        ]);
    }

    private static XmlRpcValue[] Phone(PhoneNumber? phone) => [phone?.Country ?? "", phone?.Area ?? "", phone?.Number ?? "", phone?.Extension ?? ""];
}
