using Keygate.Kernel;
using Keygate.XmlRpc;

namespace Keygate.Api.Billing;

/// <summary>How the Billing API writes what our rooms know (reference 5.1).</summary>
internal static class Wire
{
    /// <summary>The seller of everything here.</summary>
    public const int Vendor = 1;

    /// <summary>A date: a Unix time; 0 where there is none.</summary>
    public static int Time(DateTimeOffset? at) => at is { } moment ? (int)moment.ToUnixTimeSeconds() : 0;

    /// <summary>A day: the Unix time of its beginning.</summary>
    public static int Day(DateOnly? day) => day is { } date ? Time(new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero)) : 0;

    /// <summary>An amount: a double with the decimals of its currency.</summary>
    public static XmlRpcValue Money(long minorUnits, string currency)
    {
        var decimals = Currency.Decimals(currency);
        return XmlRpcValue.FromDecimal(minorUnits / (decimal)Math.Pow(10, decimals), decimals);
    }

    /// <summary>1 or 0.</summary>
    public static int Flag(bool flag) => flag ? 1 : 0;

    /// <summary>A refusal where a call names another seller than the provider.</summary>
    public static Error? Foreign(BillingCall call) => call.Int("VendorAccountID") is Vendor ? null
        : ApiErrors.BillingValueUnfit.Because($"VendorAccountID is {call.Int("VendorAccountID")}; the provider is the only seller here, with the account 1.");

    /// <summary>All pages of a list.</summary>
    public static async Task<Result<List<T>>> AllAsync<T>(Func<PageRequest, Task<Result<Page<T>>>> page)
    {
        var all = new List<T>();
        string? cursor = null;
        do
        {
            if (!(await page(PageRequest.Of(PageRequest.LimitMax, cursor))).TryGet(out var next, out var refusal))
            {
                return refusal;
            }

            all.AddRange(next.Items);
            cursor = next.Next;
        }
        while (cursor is not null);
        return all;
    }
}
