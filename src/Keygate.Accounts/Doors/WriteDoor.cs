using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;

namespace Keygate.Accounts;

/// <summary>
/// How an endpoint writes: it opens the transaction, says who acts, and keeps the promise of <c>Idempotency-Key</c>. The handler does the rest.
/// </summary>
/// <remarks>
/// The key goes into the handler's own transaction together with the answer, so that either both are there or neither. The answer is sealed
/// under the master key, since it may hold a secret that is shown once. A refusal keeps nothing: the same key may be sent again. The value
/// of an answer must survive being written and read as JSON.
/// </remarks>
public sealed class WriteDoor(Database database, MasterKey key, TimeProvider time)
{
    /// <summary>The header that makes a write repeatable.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>The header that marks an answer as the repeat of an earlier one.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const string Purpose = "accounts.idempotency";
    private readonly ConcurrentDictionary<(Database, string, string), bool> _underWay = new();

    /// <summary>Runs a writing handler in one transaction of the provider's database; rolled back when it refuses.</summary>
    /// <param name="http">The request: actor, idempotency key, cancellation.</param>
    /// <param name="request">What the caller sent, for telling a repeat from another request under the same key; null where the path says it all.</param>
    /// <param name="act">The handler.</param>
    public Task<Result<T>> WriteAsync<T>(HttpContext http, object? request, Func<Tx, Actor, Task<Result<T>>> act) =>
        WriteAsync(database, http, request, act);

    /// <summary>The same in another database, such as the key server's.</summary>
    public async Task<Result<T>> WriteAsync<T>(Database into, HttpContext http, object? request, Func<Tx, Actor, Task<Result<T>>> act)
    {
        var actor = http.Actor();
        var sent = http.Request.Headers[KeyHeader];
        if (sent.Count == 0)
        {
            return http.GetEndpoint()?.Metadata.GetMetadata<RequireIdempotencyKey>() is null
                ? await into.WriteAsync(tx => act(tx, actor), http.RequestAborted, WriteTurn.AtDoor)
                : AccountsErrors.IdempotencyKeyMissing;
        }

        var idempotencyKey = sent.ToString();
        if (sent.Count > 1 || idempotencyKey.Length is 0 or > 200 || idempotencyKey.Any(c => c is < '!' or > '~'))
        {
            return AccountsErrors.IdempotencyKeyInvalid;
        }

        var slot = (into, $"{actor.Kind}/{actor.Id}", idempotencyKey);
        if (!_underWay.TryAdd(slot, true))
        {
            return AccountsErrors.IdempotencyKeyInUse;
        }

        try
        {
            var (result, replayed) = await into.WriteAsync(async tx => await OnceAsync(tx, http, slot.Item2, idempotencyKey, request, actor, act), http.RequestAborted, WriteTurn.AtDoor);
            if (replayed)
            {
                http.Response.Headers[ReplayedHeader] = "true";
            }

            return result;
        }
        finally
        {
            _underWay.TryRemove(slot, out _);
        }
    }

    private async Task<Answered<T>> OnceAsync<T>(
        Tx tx, HttpContext http, string who, string idempotencyKey, object? request, Actor actor, Func<Tx, Actor, Task<Result<T>>> act)
    {
        var contents = request is null ? "" : JsonSerializer.Serialize(request, request.GetType(), Json.Options);
        var print = key.Fingerprint(Purpose, $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n{contents}");
        var sealing = $"{Purpose}/{who}/{idempotencyKey}";

        // Another process may have the key under way. A bare insert would wait for its end; the contract promises an answer at once.
        if (tx.Dialect.Engine == Engine.PostgreSql && !await tx.GetAsync<bool>(
            "select pg_try_advisory_xact_lock(@slot)", new { slot = SlotNumber(tx.Database, sealing) }, http.RequestAborted))
        {
            return new(AccountsErrors.IdempotencyKeyInUse, false);
        }

        var earlier = await tx.FindAsync<Row>(
            "select request, answer from idempotency_keys where actor = @who and idempotency_key = @idempotencyKey", new { who, idempotencyKey }, http.RequestAborted);
        if (earlier is not null)
        {
            return CryptographicOperations.FixedTimeEquals(earlier.Request, print)
                ? new(Json.Read<T>(Encoding.UTF8.GetString(key.Open(sealing, earlier.Answer))), true)
                : new(AccountsErrors.IdempotencyKeyReused, false);
        }

        var result = await act(tx, actor);
        if (!result.TryGet(out var value, out _))
        {
            return new(result, false);
        }

        try
        {
            await tx.ExecuteAsync(
                "insert into idempotency_keys(actor, idempotency_key, request, answer, created_at) values (@who, @idempotencyKey, @print, @answer, @now)",
                new { who, idempotencyKey, print, answer = key.Seal(sealing, Encoding.UTF8.GetBytes(Json.Write(value))), now = time.GetUtcNow() },
                http.RequestAborted);
        }
        catch (DbException e) when (tx.Dialect.IsUniqueViolation(e))
        {
            return new(AccountsErrors.IdempotencyKeyInUse, false);
        }

        return new(result, false);
    }

    private static long SlotNumber(Database database, string slot) =>
        BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{database.Address.Schema}\n{slot}")));

    private readonly record struct Answered<T>(Result<T> Result, bool Replayed) : Kernel.IResult
    {
        Error? Kernel.IResult.Error => Result.Error;

        object? Kernel.IResult.Value => Result.IsDone ? Result.Value : null;
    }

    private sealed class Row
    {
        public byte[] Request { get; init; } = [];
        public byte[] Answer { get; init; } = [];
    }
}
