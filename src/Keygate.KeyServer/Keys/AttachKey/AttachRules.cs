using Keygate.Kernel;

namespace Keygate.KeyServer;

/// <summary>
/// Whether a key of an additional type may be attached to a parent. The checks run in this order and the first refusal wins: the parent is a master
/// key, the type does not fit the parent's, the parent has a living key of the type, the two belong to different clients or their types exclude each other.
/// </summary>
internal static class AttachRules
{
    /// <param name="list">The parent's price list.</param>
    /// <param name="parent">The parent.</param>
    /// <param name="keyType">The type of the key to attach.</param>
    /// <param name="owner">Who owns it.</param>
    /// <param name="attached">The keys attached to the parent already.</param>
    /// <param name="unfit">Why the types do not fit; null where they do.</param>
    public static Error? Refusal(PriceList list, KeyRow parent, KeyTypeItem keyType, ClientId owner, IReadOnlyList<KeyRow> attached, Error? unfit)
    {
        if (parent.Kind == KeyKind.Master)
        {
            return KeyServerErrors.ParentIsMaster.Because($"{parent.Number} is a master key.");
        }

        if (unfit is not null)
        {
            return unfit;
        }

        var living = attached.Where(key => !key.IsTerminated).ToList();
        if (living.Find(key => key.KeyType == keyType.Id) is { } twin)
        {
            return KeyServerErrors.AdditionalTaken.Because($"{parent.Number} already has {twin.Number} of the key type {twin.KeyType}.");
        }

        if (parent.ClientId != owner)
        {
            return KeyServerErrors.KeysConflicting.Because($"{parent.Number} belongs to another client than the key to attach.");
        }

        var other = living.Prepend(parent).FirstOrDefault(key => list.KeyType(key.KeyType) is { } type && OrderRules.AreInConflict(type, keyType));
        return other is null ? null : KeyServerErrors.KeysConflicting.Because($"{keyType.Id} conflicts with {other.Number} of the key type {other.KeyType}.");
    }
}
