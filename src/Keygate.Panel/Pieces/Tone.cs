using Keygate.Licensing;
using Keygate.Orders;

namespace Keygate.Panel;

/// <summary>What a state means to who looks at it; the colour says it beside the word, never alone.</summary>
public enum Tone
{
    /// <summary>Nothing to say.</summary>
    Calm,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Under way by itself.</summary>
    Busy,

    /// <summary>Waits for somebody.</summary>
    Wait,

    /// <summary>Failed, or at an end that nobody wanted.</summary>
    Bad,
}

internal static class Tones
{
    public static Tone Of(LicenseState state) => state switch
    {
        LicenseState.Installed => Tone.Good,
        LicenseState.Retrieving or LicenseState.Installing => Tone.Busy,
        LicenseState.Pending => Tone.Wait,
        LicenseState.Expired or LicenseState.Terminated => Tone.Bad,
        _ => Tone.Calm,
    };

    public static Tone OfOrder(string state) => state switch
    {
        nameof(OrderState.CP) => Tone.Good,
        nameof(OrderState.PD) or nameof(OrderState.PR) or nameof(OrderState.OP) => Tone.Busy,
        nameof(OrderState.PF) or nameof(OrderState.FR) => Tone.Bad,
        nameof(OrderState.CL) => Tone.Calm,
        _ => Tone.Wait,
    };

    public static Tone Of(ItemStatus status) => status switch
    {
        ItemStatus.Completed => Tone.Good,
        ItemStatus.Failed => Tone.Bad,
        ItemStatus.Cancelled => Tone.Calm,
        _ => Tone.Busy,
    };

    public static Tone Of(SyncStatus status) => status switch
    {
        SyncStatus.InSync => Tone.Good,
        SyncStatus.NotInSync => Tone.Bad,
        _ => Tone.Calm,
    };

    public static Tone Of(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.Active => Tone.Good,
        SubscriptionStatus.Terminated => Tone.Calm,
        _ => Tone.Wait,
    };
}
