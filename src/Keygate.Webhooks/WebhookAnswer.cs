namespace Keygate.Webhooks;

/// <summary>What is known after one call.</summary>
public enum WebhookOutcome
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>The receiver has read it and does not want it.</summary>
    Refused,

    /// <summary>Nobody knows whether it arrived.</summary>
    Unknown,

    /// <summary>It certainly did not arrive.</summary>
    NotSent,
}

/// <summary>The answer of one call.</summary>
/// <param name="Outcome">What is known.</param>
/// <param name="Status">The HTTP status; null where there was none.</param>
/// <param name="Cause">Why, in a sentence; empty where it was delivered.</param>
/// <param name="Remedy">What can be done about it.</param>
public sealed record WebhookAnswer(WebhookOutcome Outcome, int? Status, string Cause, string Remedy)
{
    /// <summary>True where the receiver would refuse everything else as well.</summary>
    public bool RefusesAll => Status is 401 or 410;
}
