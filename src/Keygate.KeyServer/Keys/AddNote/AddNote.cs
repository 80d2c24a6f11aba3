using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>Adds a note to a key, problem and terminated ones included. <b>Not repeatable</b>: each call adds one.</summary>
internal sealed class AddNoteHandler(KeyStore store, KeyAccess access, TimeProvider time)
{
    /// <summary>The longest note, in characters.</summary>
    public const int LengthMax = 2000;

    public async Task<Result<KeyRow>> HandleAsync(Tx tx, KeyName name, string note, KeyCaller caller, CancellationToken cancellation)
    {
        if (!(await access.HoldAsync(tx, name, caller, cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (note.Length > LengthMax)
        {
            return KeyServerErrors.NoteTooLong.Because(FormattableString.Invariant($"The note has {note.Length} characters."));
        }

        await store.AddNoteAsync(tx, key.Id, note, caller.Name, time.GetUtcNow(), cancellation);
        return key;
    }
}

/// <summary>A note to add.</summary>
/// <param name="Note">The note, at most 2000 characters.</param>
public sealed record AddNoteRequest(string? Note);

/// <summary>A note on a key.</summary>
/// <param name="At">When it was added.</param>
/// <param name="Author">Who added it.</param>
/// <param name="Note">The note.</param>
public sealed record KeyNote(DateTimeOffset At, string Author, string Note);

internal static class AddNoteEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/keys/{number}/notes", (
            string number, AddNoteRequest request, HttpContext http, WriteDoor door, AddNoteHandler handler, KeyReader reader,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyActs.RunAsync(
                number, http, door, reader, database, (tx, name, caller) => handler.HandleAsync(tx, name, request.Note ?? "", caller, http.RequestAborted), request))
            .WithSummary("Add a note to a key");

        routes.MapGet("/keys/{number}/notes", async Task<Result<Page<KeyNote>>> (
            string number, HttpContext http, KeyAccess access, KeyStore store, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KeyName.TryParse(number, out var name)
                ? await database.ReadAsync<Result<Page<KeyNote>>>(async s =>
                    (await access.FindAsync(s, name, new KeyCaller("", null), http.RequestAborted)).TryGet(out var key, out var refusal)
                        ? new Page<KeyNote>([.. (await store.NotesAsync(s, key.Id, http.RequestAborted)).Select(row => new KeyNote(row.At, row.Author, row.Note))], null)
                        : refusal, http.RequestAborted)
                : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number."))
            .WithSummary("List the notes on a key, the oldest first");
    }
}
