namespace Keygate.Kernel;

/// <summary>The seven kinds of refusal. Each door maps a kind to its own wire in one place.</summary>
public enum ErrorKind
{
    /// <summary>The request itself is wrong; sending it again unchanged will fail again.</summary>
    Invalid,

    /// <summary>What the request names does not exist, or is not the caller's to see.</summary>
    NotFound,

    /// <summary>The request is well formed but does not fit the present state.</summary>
    Conflict,

    /// <summary>The caller is known but may not do this.</summary>
    Forbidden,

    /// <summary>The caller is not known: credentials are missing or wrong.</summary>
    Unauthenticated,

    /// <summary>A bound was reached: size, rate, number.</summary>
    Limit,

    /// <summary>Something that is needed does not answer now; the same request may succeed later.</summary>
    Unavailable,
}

/// <summary>
/// A refusal that was expected. Every error of a room is declared once in its <c>&lt;Room&gt;Errors</c> class, with a code
/// that is stable for ever; the place that refuses adds what happened with <see cref="Because"/>.
/// </summary>
/// <param name="Code">Room and name, as in <c>orders.plan-unknown</c>. Stable for ever.</param>
/// <param name="Kind">What sort of refusal it is; decides status codes and exit codes.</param>
/// <param name="Title">One sentence, the same for every occurrence.</param>
/// <param name="Remedy">What the reader can do about it, in one sentence.</param>
public sealed record Error(string Code, ErrorKind Kind, string Title, string Remedy)
{
    /// <summary>What happened this time, in one sentence; the title where nothing more is known.</summary>
    public string Detail { get; init; } = Title;

    /// <summary>The field of the request that is at fault, in the spelling of our REST; null where no single field is.</summary>
    public string? Field { get; init; }

    /// <summary>Further faults found in the same request: shape checks report all at once.</summary>
    public IReadOnlyList<Error> Others { get; init; } = [];

    /// <summary>The same error with what happened this time.</summary>
    public Error Because(string detail) => this with { Detail = detail };

    /// <summary>The same error with the field of the request that is at fault.</summary>
    public Error At(string field) => this with { Field = field };

    /// <summary>The same error with another remedy, where the place that refuses knows a better one.</summary>
    public Error Mend(string remedy) => this with { Remedy = remedy };

    /// <summary>One error out of several; the first carries the rest. Null where the list is empty.</summary>
    public static Error? Of(IReadOnlyList<Error> errors) =>
        errors.Count == 0 ? null : errors[0] with { Others = [.. errors.Skip(1)] };

    /// <summary>Cause and remedy in one line, for logs and the command line.</summary>
    public override string ToString() => $"{Detail} ({Code}). {Remedy}";
}
