using System.Diagnostics.CodeAnalysis;

namespace Keygate.Kernel;

/// <summary>What a transaction and a door need to know of a result without knowing its type.</summary>
public interface IResult
{
    /// <summary>The refusal; null when it was done.</summary>
    Error? Error { get; }

    /// <summary>The value; null when it was refused.</summary>
    object? Value { get; }
}

/// <summary>A value, or the refusal that stands in its place.</summary>
public readonly struct Result<T> : IResult
{
    private readonly T? _value;
    private readonly bool _made;

    private Result(T? value, Error? error) => (_value, Error, _made) = (value, error, true);

    /// <inheritdoc/>
    public Error? Error { get; }

    /// <summary>True when there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsDone => _made && Error is null;

    /// <summary>The value. Throws when it was refused: ask <see cref="IsDone"/> first.</summary>
    public T Value => IsDone ? _value! : throw new InvalidOperationException($"There is no value: {Error}");

    object? IResult.Value => IsDone ? _value : null;

    /// <summary>Takes the value out; false, with the refusal, when there is none.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Error? error)
    {
        value = _value;
        error = IsDone ? null : Error ?? throw new InvalidOperationException("A result was never made.");
        return IsDone;
    }

    /// <summary>The same refusal, or the value turned into another.</summary>
    public Result<TOther> Map<TOther>(Func<T, TOther> map) => TryGet(out var value, out var error) ? map(value) : error;

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);
}

/// <summary>The value of an act that has nothing to say but that it was done.</summary>
public readonly record struct Done
{
    /// <summary>The only value.</summary>
    public static readonly Done It;
}
