using System.Security.Cryptography;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Adds, changes or withdraws one entry of a price list, which then is as if it had been imported so: the same checks, and nothing is taken that another entry contradicts.
/// May be repeated: the same entry changes nothing.
/// </summary>
internal sealed class ChangePriceListEntryHandler(PriceListStore store, ImportPriceListHandler import, TimeProvider time)
{
    /// <summary>Adds an entry, offers it again, or changes it.</summary>
    public Task<Result<ImportedPriceList>> PutAsync(
        Tx tx, string list, PriceListKind kind, string id, ReadOnlyMemory<byte> entry, Actor actor, CancellationToken cancellation) =>
        ChangeAsync(tx, list, items => PriceListFile.With(items, kind, id, entry), actor, cancellation);

    /// <summary>Withdraws an entry: not orderable any more, kept for the keys that have it.</summary>
    public Task<Result<ImportedPriceList>> WithdrawAsync(Tx tx, string list, PriceListKind kind, string id, Actor actor, CancellationToken cancellation) =>
        ChangeAsync(
            tx, list,
            items => items.Of(kind).Any(item => item.Id == id) ? PriceListFile.Without(items, kind, id) : KeyServerErrors.PriceListEntryUnknown.Because($"{list} offers no \"{id}\" there."),
            actor, cancellation);

    private async Task<Result<ImportedPriceList>> ChangeAsync(
        Tx tx, string list, Func<PriceListItems, Result<PriceListItems>> change, Actor actor, CancellationToken cancellation)
    {
        if (await store.FindAsync(tx, list, cancellation) is null)
        {
            return KeyServerErrors.PriceListUnknown.Because($"There is no price list \"{list}\".");
        }

        // Held before it is read: two changes at once take turns, and neither is lost.
        var head = await store.HoldAsync(tx, list, actor.Name, time.GetUtcNow(), cancellation);
        return change(await store.OfferedAsync(tx, head.Id, cancellation)).TryGet(out var items, out var refusal)
            ? await import.TakeAsync(tx, new PriceListFile(head.Name, head.Currency, items), actor, cancellation)
            : refusal;
    }
}

internal static class ChangePriceListEntryEndpoints
{
    private const int BytesMax = 256 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/price-lists/{name}/{kind}/{id}", async Task<Result<ImportedPriceList>> (
            string name, string kind, string id, HttpContext http, WriteDoor door, ChangePriceListEntryHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
        {
            if (!KindOf(kind).TryGet(out var kindOf, out var unknown))
            {
                return unknown;
            }

            if (await BoundedBody.ReadAsync(http.Request, BytesMax, http.RequestAborted) is not { } entry)
            {
                return KeyServerErrors.PriceListTooLarge.Because("An entry has at most 256 KiB.");
            }

            return await door.WriteAsync(
                database, http, new { name, kind, id, sha256 = Convert.ToHexString(SHA256.HashData(entry)) },
                (tx, actor) => handler.PutAsync(tx, name, kindOf, id, entry, actor, http.RequestAborted));
        })
        .WithSummary("Add or change one entry of a price list")
        .WithDescription("kind: keyTypes, features, groups or upgradePlans. The body is the entry as it stands in a price-list file, under the same id. What other entries say of it is checked as in a whole file.")
        .Accepts<object>("application/json");

        routes.MapPost("/price-lists/{name}/{kind}/{id}/withdraw", async Task<Result<ImportedPriceList>> (
            string name, string kind, string id, HttpContext http, WriteDoor door, ChangePriceListEntryHandler handler,
            [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database) =>
            KindOf(kind).TryGet(out var kindOf, out var unknown)
                ? await door.WriteAsync(database, http, new { name, kind, id }, (tx, actor) => handler.WithdrawAsync(tx, name, kindOf, id, actor, http.RequestAborted))
                : unknown)
            .WithSummary("Withdraw one entry of a price list")
            .WithDescription("It cannot be ordered any more and lives on in the keys that have it. Refused while other entries name it.");
    }

    // The words of the file.
    internal static Result<PriceListKind> KindOf(string word) => word switch
    {
        "keyTypes" => PriceListKind.KeyTypes,
        "features" => PriceListKind.Features,
        "groups" => PriceListKind.Groups,
        "upgradePlans" => PriceListKind.UpgradePlans,
        _ => KeyServerErrors.PriceListEntryUnknown.Because($"\"{word}\" is none of keyTypes, features, groups, upgradePlans."),
    };
}
