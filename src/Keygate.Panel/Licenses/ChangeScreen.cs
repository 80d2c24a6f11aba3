using Keygate.Catalog;
using Keygate.Licensing;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What a license is to become, and what that would do.</summary>
public sealed record ChangeModel
{
    /// <summary>The license.</summary>
    public required LicenseRow License { get; init; }

    /// <summary>The catalog.</summary>
    public required CatalogView Catalog { get; init; }

    /// <summary>What it is made of now.</summary>
    public required LicenseMake Present { get; init; }

    /// <summary>The class whose capacity is shown.</summary>
    public required LicenseClass Class { get; init; }

    /// <summary>The classes that it can become, its own first.</summary>
    public required IReadOnlyList<LicenseClass> Classes { get; init; }

    /// <summary>Features and additional classes that are ticked.</summary>
    public required IReadOnlyList<string> Chosen { get; init; }

    /// <summary>When it is to take effect.</summary>
    public ChangeWhen When { get; init; }

    /// <summary>What would happen; null before it was asked for, and where it is refused.</summary>
    public ChangePreview? Preview { get; init; }

    /// <summary>The address of the license whose change it is, below which its own lies.</summary>
    public required string Root { get; init; }
}

/// <summary>
/// Change: what the license is to become, then what that does at the issuer, to the bill and to the license, then the act itself. The act carries the preview's token; where
/// anything has changed in between it is refused, and the page shows what would happen now.
/// </summary>
internal static class ChangeScreen
{
    public static void Map(IEndpointRouteBuilder admin)
    {
        var change = admin.MapGroup("/licenses/{id}/change");
        change.MapGet("", (LicenseId id, HttpContext http) => ShowAsync<ChangePage>(http, id, "/admin/licenses", http.Request.Query));
        change.MapPost("", (LicenseId id, IFormCollection form, HttpContext http) => ChangeAsync<ChangePage>(http, id, "/admin/licenses", form)).DisableAntiforgery();
        change.MapPost("/undo", (LicenseId id, HttpContext http, ChangeLicense changes) => LicenseScreen.OnAsync(
            http, id, (tx, actor) => changes.UndoAsync(tx, id, actor, http.RequestAborted), "said.change-undone"));
    }

    /// <summary>Executes what was previewed, at the panel or at the portal.</summary>
    public static async Task<IResult> ChangeAsync<TPage>(HttpContext http, LicenseId id, string licenses, IFormCollection form)
        where TPage : Page
    {
        var canChange = await Screens.Get<LicenseChanges>(http).CanChangeAsync(id, http.RequestAborted);
        return await Screens.ActAsync(
            http, (tx, actor) => Screens.Get<ChangeLicense>(http).HandleAsync(tx, id, RequestOf(form), canChange, actor, http.RequestAborted),
            begun => ($"{licenses}/{id}", Frame.Of(http).Words[begun.State switch { "scheduled" => "said.change-scheduled", "awaiting payment" => "said.change-unpaid", _ => "said.change-begun" }]), () => ShowAsync<TPage>(http, id, licenses, form));
    }

    private static ChangeLicenseRequest RequestOf(IEnumerable<KeyValuePair<string, StringValues>> fields)
    {
        var all = fields.ToList();
        var (features, addOns) = Capacity.Of(all);
        return new ChangeLicenseRequest
        {
            KeyType = Value("keyType"), Features = features, AddOns = addOns, Token = Value("token"), When = Enum.TryParse<ChangeWhen>(Value("when"), out var when) ? when : ChangeWhen.Now,
        };

        string? Value(string name) => all.Where(f => f.Key == name).Select(f => f.Value.ToString()).FirstOrDefault(v => v.Length > 0);
    }

    /// <summary>Shows what a license can become, and what that would do where it was asked for.</summary>
    public static async Task<IResult> ShowAsync<TPage>(HttpContext http, LicenseId id, string licenses, IEnumerable<KeyValuePair<string, StringValues>> fields)
        where TPage : Page
    {
        var cancellation = http.RequestAborted;
        var (changes, handler) = (Screens.Get<LicenseChanges>(http), Screens.Get<ChangeLicense>(http));
        var (request, asked) = (RequestOf(fields), fields.Any(f => f.Key == "when"));
        var canChange = await changes.CanChangeAsync(id, cancellation);
        return await Screens.Get<Database>(http).ReadAsync(
            async s =>
            {
                if (!(await changes.MakeAsync(s, id, cancellation)).TryGet(out var present, out var missing))
                {
                    return Screens.Fault(http, missing);
                }

                var catalog = await Screens.Get<CatalogReader>(http).GetAsync(s, cancellation);
                var kind = request.KeyType is { } wanted && catalog.Class(wanted) is { } other ? other : catalog.Class(present.Make.KeyType)!;
                ChangePreview? preview = null;
                if (asked && !(await handler.PreviewAsync(s, id, request, canChange, cancellation)).TryGet(out preview, out var refusal) && Frame.Of(http).Refusal is null)
                {
                    (Frame.Of(http) with { Refusal = refusal }).Set(http);
                }

                return Screens.Show<TPage>(http, ("Model", new ChangeModel
                {
                    Root = $"{licenses}/{id}",
                    License = (await Screens.Get<LicenseReader>(http).FindAsync(s, id, cancellation))!, Catalog = catalog, Present = present.Make, Class = kind,
                    Classes = ClassesOf(catalog, present.Make.KeyType), When = request.When, Preview = preview,
                    Chosen = asked ? [.. request.Features!, .. request.AddOns!] : [.. present.Make.Features, .. present.Make.AddOns],
                }));
            }, cancellation);
    }

    // Up by an upgrade option, down by the way back of one.
    private static IReadOnlyList<LicenseClass> ClassesOf(CatalogView catalog, string present)
    {
        var options = catalog.Contents.UpgradeOptions.Where(o => o is { Enabled: true, ArchivedAt: null }).ToList();
        return [.. options.Where(o => o.From == present).Select(o => o.To).Concat(options.Where(o => o.To == present && o.Type == UpgradeType.Upgrade).Select(o => o.From))
            .Distinct(StringComparer.Ordinal).Prepend(present).Select(catalog.Class).OfType<LicenseClass>().Where(c => c.ArchivedAt is null || c.KeyType == present)];
    }
}
