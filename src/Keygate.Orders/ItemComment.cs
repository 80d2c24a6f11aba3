using System.Globalization;
using Keygate.Licensing;
using Keygate.Work;

namespace Keygate.Orders;

/// <summary>
/// The comments of license items, in the words that administrators know from the old system's documentation: <c>HTTP request error...</c> where
/// the issuer was not reached, else <c>Could not create License into Subscription: cause</c>. The cause is never empty, and time, try and
/// license request stand behind it, so that the same moment can be found in the issuer's log.
/// </summary>
internal static class ItemComment
{
    private const string CouldNotCreate = "Could not create License into Subscription";
    private const string RequestError = "HTTP request error";

    /// <summary>Of an item that failed for good.</summary>
    public static string OfFailure(Failure failure, string of) => Named(failure.Cause.Detail) + Tail(failure, of);

    /// <summary>Of a license item that is under way, and whose last try failed.</summary>
    public static string OfTry(Failure failure, Item item) =>
        failure.Cause.Detail + Tail(failure, item.LicenseId is { } license ? Request(license) : FormattableString.Invariant($"item {item.Id}"));

    /// <summary>Of a license item whose request was refused here, before anybody was asked.</summary>
    public static string OfRefusal(string cause, ItemId item, DateTimeOffset at) => $"{Named(cause)} ({Time(at)}, item {item})";

    /// <summary>How a license request is named.</summary>
    public static string Request(LicenseId license) => $"license request {license}";

    private static string Named(string cause) =>
        cause.StartsWith(RequestError, StringComparison.Ordinal) || cause.StartsWith(CouldNotCreate, StringComparison.Ordinal) ? cause : $"{CouldNotCreate}: {cause}";

    private static string Tail(Failure failure, string of) => failure.Attempt == 0
        ? $" ({Time(failure.At)}, {of})"
        : string.Create(CultureInfo.InvariantCulture, $" ({Time(failure.At)}, attempt {failure.Attempt} of {failure.AttemptsMax}, {of})");

    private static string Time(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
}
