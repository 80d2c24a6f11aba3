namespace Keygate.Kernel;

/// <summary>Refusals that belong to no single room.</summary>
public static class KernelErrors
{
    public static readonly Error CursorForeign = new("kernel.cursor-foreign", ErrorKind.Invalid,
        "The cursor does not belong to this list", "Start from the first page, without a cursor, whenever filter or sort change.");

    public static readonly Error RequestInvalid = new("kernel.request-invalid", ErrorKind.Invalid,
        "The request is not well formed", "Correct the named field and send the request again.");

    public static readonly Error Fault = new("kernel.fault", ErrorKind.Unavailable,
        "Keygate failed to handle the request", "Try again; if it stays so, look up the trace id in the log.");
}
