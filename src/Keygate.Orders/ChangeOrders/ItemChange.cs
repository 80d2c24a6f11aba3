using Keygate.Licensing;

namespace Keygate.Orders;

/// <summary>What an item of a change order does: a license becomes another, or a resource is held in another quantity.</summary>
/// <param name="License">The change of a license; null for a resource.</param>
/// <param name="CanChange">Whether its issuer changed keys when it was previewed.</param>
/// <param name="Rate">The rate of the resource; null for a license.</param>
/// <param name="From">Units before.</param>
/// <param name="To">Units after.</param>
internal sealed record ItemChange(LicenseChange? License, bool CanChange, RateId? Rate = null, int From = 0, int To = 0);
