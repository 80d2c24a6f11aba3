using Microsoft.AspNetCore.Builder;

namespace Keygate.Accounts;

/// <summary>Marks an endpoint whose caller must send <c>Idempotency-Key</c>, since a repeat would cost money.</summary>
public sealed class RequireIdempotencyKey
{
    internal static readonly RequireIdempotencyKey It = new();
}

/// <summary>Lays <see cref="Accounts.RequireIdempotencyKey"/> on endpoints.</summary>
public static class RequireIdempotencyKeyExtensions
{
    /// <summary>The endpoint refuses a request without <c>Idempotency-Key</c>.</summary>
    public static TBuilder RequireIdempotencyKey<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Accounts.RequireIdempotencyKey.It);
}
