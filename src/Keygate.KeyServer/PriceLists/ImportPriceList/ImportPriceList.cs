using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>What an import did.</summary>
/// <param name="Name">The price list.</param>
/// <param name="Version">Its version now; unchanged where the file said nothing new.</param>
/// <param name="Added">Items that are new, or offered again.</param>
/// <param name="Changed">Items with other contents than before.</param>
/// <param name="Withdrawn">Items that the file no longer holds: not orderable any more, kept for the keys that have them.</param>
public sealed record ImportedPriceList(string Name, int Version, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn);

/// <summary>Takes an issuer price-list file into the database, whole or not at all. May be repeated: the same file changes nothing.</summary>
internal sealed class ImportPriceListHandler(PriceListStore store, TimeProvider time)
{
    /// <summary>Imports the text of a file. A broken one is refused with every fault and its line.</summary>
    public async Task<Result<ImportedPriceList>> HandleAsync(Tx tx, ReadOnlyMemory<byte> file, Actor actor, CancellationToken cancellation)
    {
        if (file.Length > PriceListFile.BytesMax)
        {
            return KeyServerErrors.PriceListTooLarge.Because(FormattableString.Invariant($"The file has {file.Length} bytes."));
        }

        if (!PriceListFile.Read(file).TryGet(out var read, out var broken))
        {
            return broken;
        }

        return await TakeAsync(tx, read, actor, cancellation);
    }

    /// <summary>Makes the list say what a file says.</summary>
    public async Task<ImportedPriceList> TakeAsync(Tx tx, PriceListFile read, Actor actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var head = await store.HoldAsync(tx, read.Name, actor.Name, now, cancellation);
        var before = (await store.ItemsAsync(tx, head.Id, cancellation)).ToDictionary(row => (row.Kind, row.Identifier));
        List<string> added = [], changed = [], withdrawn = [];
        var position = 0;
        var moved = head.Currency != read.Currency;
        foreach (var item in read.Items.All)
        {
            var row = new PriceListItemRow
            {
                Kind = item.Kind, Identifier = item.Id, Position = position++, Definition = Json.Write<object>(item),
            };
            var old = before.GetValueOrDefault((item.Kind, item.Id));
            before.Remove((item.Kind, item.Id));
            if (old == row)
            {
                continue;
            }

            moved = true;
            if (old is null or { Withdrawn: true })
            {
                added.Add(item.Id);
            }
            else if (old.Definition != row.Definition)
            {
                changed.Add(item.Id);
            }

            await store.PutItemAsync(tx, head.Id, row, cancellation);
        }

        foreach (var gone in before.Values.Where(row => !row.Withdrawn))
        {
            withdrawn.Add(gone.Identifier);
            await store.PutItemAsync(tx, head.Id, gone with { Withdrawn = true }, cancellation);
        }

        var isNews = moved || withdrawn.Count > 0;
        if (isNews)
        {
            await store.RaiseVersionAsync(tx, head.Id, read.Currency, actor.Name, now, cancellation);
        }

        return new ImportedPriceList(read.Name, head.Version + (isNews ? 1 : 0), added, changed, withdrawn);
    }
}

internal static class ImportPriceListEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/price-lists", async Task<Result<ImportedPriceList>> (
            HttpContext http, WriteDoor door, ImportPriceListHandler handler, [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
        {
            if (await BoundedBody.ReadAsync(http.Request, PriceListFile.BytesMax, http.RequestAborted) is not { } file)
            {
                return KeyServerErrors.PriceListTooLarge;
            }

            return await door.WriteAsync(database, http, new { sha256 = Convert.ToHexString(SHA256.HashData(file)) }, (tx, actor) => handler.HandleAsync(tx, file, actor, http.RequestAborted));
        })
        .WithSummary("Import an issuer price-list file")
        .WithDescription("The body is the file itself. A broken file is refused with the line of each fault; importing again under the same name updates the list.")
        .Accepts<object>("application/json");
}
