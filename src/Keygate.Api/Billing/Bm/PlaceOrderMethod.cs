using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing.Bm;

/// <summary>Placing an order in one call, for a customer who is there or is made by it (reference 5.9).</summary>
internal sealed class PlaceOrderMethod(PlaceOrder place, CreateCustomer create) : IBillingMethods
{
    private static readonly string[] DataNames = ["SubscriptionName", "DomainName", "Target", "IPAddress", "HardwareID", "Instance", "Resource", "Comment"];

    public IEnumerable<BillingMethod> All =>
    [
        new(Bm.Server, "PlaceOrderAndAuthorize_API", "Places an order and opens it.",
            [BillingParameter.Vendor, BillingParameter.Int("count", "how many items follow: 1")],
            "ItemResult: OrderID, OrderStatusID, AccountID, SubscriptionID", PlaceAsync)
        {
            Aliases = ["CreateAccountAndPlaceOrder_API", "PlaceOrderForAccount_API"], Changes = true, TakesMore = true,
            Notes = "After the count of items: one item `PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID`, such as `20=36=0=-1`; the count of data slots and for each the item's id, a count, and as many `Name=Value`; "
                + "the count of contact data and as many `key=value`; the counts of pay tools, additional contacts and terms, which are 0 or left out. "
                + "Names in a data slot: `SubscriptionName` or `DomainName`, `Target`, `IPAddress`, `HardwareID`, `Instance`, `Comment`, and once for each resource `Resource=KEYTYPE` or `Resource=KEYTYPE:QUANTITY`; "
                + "resources that the plan puts into each order come along by themselves. Contact data: `AccountID=1000001` for a customer who is there, else the names of `AccountAdd_API`. "
                + "Everything is checked before anything is stored, and all faults come at once.",
        },
    ];

    private async Task<Result<BillingAnswer>> PlaceAsync(BillingCall call, CancellationToken cancellation)
    {
        if (Wire.Foreign(call) is { } foreign)
        {
            return foreign;
        }

        if (!new Reader(call).Read().TryGet(out var asked, out var refusal))
        {
            return refusal;
        }

        var (order, contact) = asked;
        if (!(await CustomerAsync(call, contact, cancellation)).TryGet(out var customer, out refusal))
        {
            return refusal;
        }

        return (await place.HandleAsync(call.Tx, order with { CustomerId = customer }, call.Actor, cancellation)).Map(
            placed => BillingAnswer.Item(placed.Id.Value, placed.State, placed.CustomerId.Value, placed.SubscriptionId.Value));
    }

    private async Task<Result<AccountId>> CustomerAsync(BillingCall call, Dictionary<string, string> contact, CancellationToken cancellation)
    {
        if (contact.TryGetValue("AccountID", out var text) || contact.TryGetValue("CustomerID", out text))
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? AccountId.Of(id) : ApiErrors.BillingValueUnfit.Because($"AccountID is '{text}', which is no number.");
        }

        return (await create.HandleAsync(call.Tx, NewCustomer.Of(name => contact.GetValueOrDefault(name, "")), call.Actor, cancellation)).Map(c => c.Id);
    }

    /// <summary>Reads what follows the declared parameters, from left to right.</summary>
    private sealed class Reader(BillingCall call)
    {
        private readonly List<Error> _faults = [];
        private int _at;

        public Result<(PlaceOrderRequest, Dictionary<string, string>)> Read()
        {
            if (call.Int("count") != 1)
            {
                return ApiErrors.BillingValueUnfit.Because($"{call.Int("count")} items are announced; an order has one plan here.");
            }

            var item = Text("the item").Split('=');
            if (item.Length != 4 || !item.All(part => int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            {
                return ApiErrors.BillingValueUnfit.Because($"The item '{string.Join('=', item)}' is not PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID, such as 20=36=0=-1.");
            }

            if (item[3] != "-1")
            {
                return ApiErrors.BillingValueUnfit.Because($"The item has the parent {item[3]}; plans below other plans are not built, so it is -1.");
            }

            var data = new List<(string Name, string Value)>();
            for (var slots = Count("data slots"); slots > 0; slots--)
            {
                var of = Text("the data slot's item");
                if (of != item[2])
                {
                    _faults.Add(ApiErrors.BillingValueUnfit.Because($"A data slot is for the item {of}, and the item is {item[2]}."));
                }

                for (var pairs = Count("pairs of the data slot"); pairs > 0; pairs--)
                {
                    data.Add(Pair());
                }
            }

            var contact = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var pairs = Count("contact data"); pairs > 0; pairs--)
            {
                var (name, value) = Pair();
                contact[name] = value;
            }

            foreach (var what in new[] { "pay tools", "additional contacts", "terms" })
            {
                if (Count(what) is > 0 and var count)
                {
                    _faults.Add(ApiErrors.BillingValueUnfit.Because($"{count} {what} are announced; they are not built, so it is 0."));
                }
            }

            foreach (var (name, _) in data.Where(d => !DataNames.Contains(d.Name, StringComparer.Ordinal)))
            {
                _faults.Add(ApiErrors.BillingValueUnfit.Because($"'{name}' is no name of a data slot; the names are {string.Join(", ", DataNames)}."));
            }

            var request = new PlaceOrderRequest
            {
                PlanId = PlanId.Of(int.Parse(item[0], CultureInfo.InvariantCulture)),
                PlanPeriodId = PlanPeriodId.Of(int.Parse(item[1], CultureInfo.InvariantCulture)),
                Resources = [.. data.Where(d => d.Name == "Resource").Select(d => Resource(d.Value))],
                SubscriptionName = One("SubscriptionName") is { Length: > 0 } name1 ? name1 : One("DomainName"),
                Target = One("Target"),
                IpAddresses = [.. data.Where(d => d.Name == "IPAddress").Select(d => d.Value)],
                Activation = One("HardwareID").Length + One("Instance").Length == 0 ? null : new ActivationInput(Or(One("HardwareID")), Or(One("Instance"))),
                Comment = One("Comment"),
            };
            return Error.Of(_faults) is { } fault ? fault : (request, contact);

            string One(string name) => data.Where(d => d.Name == name).Select(d => d.Value).LastOrDefault() ?? "";
            string? Or(string text) => text.Length == 0 ? null : text;
        }

        private string Text(string what)
        {
            if (_at < call.More.Count && call.More[_at].TryToText(out var text))
            {
                _at++;
                return text.TrimEnd();
            }

            _faults.Add(ApiErrors.BillingValueUnfit.Because($"Params[{(_at + 3).ToString(CultureInfo.InvariantCulture)}] is {what}, a string, and is missing or of another type."));
            _at++;
            return "";
        }

        // A count that is left out at the end is 0.
        private int Count(string what)
        {
            if (_at >= call.More.Count)
            {
                return 0;
            }

            if (call.More[_at].TryToInt(out var count) && count >= 0 && count <= call.More.Count - _at)
            {
                _at++;
                return count;
            }

            _faults.Add(ApiErrors.BillingValueUnfit.Because($"Params[{(_at + 3).ToString(CultureInfo.InvariantCulture)}] is the count of {what}, an int that fits what follows, and is not."));
            _at = call.More.Count;
            return 0;
        }

        private (string Name, string Value) Pair()
        {
            var text = Text("a pair Name=Value");
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? (text, "") : (text[..equals].Trim(), text[(equals + 1)..].Trim());
        }

        private ResourceInput Resource(string text)
        {
            var colon = text.LastIndexOf(':');
            if (colon < 0)
            {
                return new ResourceInput(text);
            }

            if (int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var quantity))
            {
                return new ResourceInput(text[..colon], quantity);
            }

            _faults.Add(ApiErrors.BillingValueUnfit.Because($"Resource={text}: '{text[(colon + 1)..]}' is no quantity."));
            return new ResourceInput(text);
        }
    }
}
