using System.Globalization;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What the form of a new plan shows.</summary>
public sealed record NewPlanModel
{
    /// <summary>The catalog.</summary>
    public required CatalogView Catalog { get; init; }

    /// <summary>The issuers.</summary>
    public required IReadOnlyList<Plugin> Issuers { get; init; }

    /// <summary>The installers.</summary>
    public required IReadOnlyList<Plugin> Installers { get; init; }

    /// <summary>The currency that new plans begin with.</summary>
    public required string Currency { get; init; }

    /// <summary>The license class that is offered; null where the catalog has none.</summary>
    public LicenseClass? Class { get; init; }

    /// <summary>What was typed; empty at first.</summary>
    public IReadOnlyDictionary<string, StringValues> Typed { get; init; } = new Dictionary<string, StringValues>();

    /// <summary>Where to go when it is done; empty for the plan itself.</summary>
    public string Then { get; init; } = "";
}

/// <summary>New plan: what is sold by the month, of one license class with the features and additional licenses that a customer may choose, each with its fee.</summary>
internal static class NewPlanScreen
{
    private const string FeePrefix = "fee-";

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/plans/new", (string? keyType, string? then, HttpContext http) => ShowAsync(http, keyType, then, new Dictionary<string, StringValues>()));
        admin.MapPost("/plans/new", async (IFormCollection form, HttpContext http, AddPlan handler, FetchOffer fetch) =>
        {
            var typed = form.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
            Task<IResult> AgainAsync() => ShowAsync(http, form["keyType"], form["then"], typed);
            if (!RequestOf(form).TryGet(out var request, out var error))
            {
                return await Screens.RefuseAsync(http, error, AgainAsync);
            }

            // Whoever is quick is not refused because the issuer's list is still on its way.
            if (request.IssuerId is { } issuer)
            {
                await fetch.EnsureAsync(issuer, http.RequestAborted);
            }

            return await Screens.ActAsync(
                http, (tx, actor) => handler.HandleAsync(tx, request, actor, http.RequestAborted),
                added => (form["then"] == "first-run" ? "/admin/first-run" : $"/admin/plans/{added.Id}", Frame.Of(http).Words["said.plan-added"]), AgainAsync);
        }).DisableAntiforgery();
    }

    private static Result<AddPlanRequest> RequestOf(IFormCollection form)
    {
        var (currency, faults) = (Text("currency").ToUpperInvariant(), new List<Error>());
        var fee = Fee("subscriptionFee");
        var offered = form["offer"].OfType<string>().Prepend(Text("keyType")).Where(c => c.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var request = new AddPlanRequest
        {
            Name = Text("name"), Description = Text("description"), Currency = currency, HostingGate = HostingGate.Dummy, IssuerId = Number("issuer"), InstallerId = Number("installer"),
            ApprovalNeeded = form.ContainsKey("approvalNeeded"),
            Periods = [new PeriodInput { Period = 1, PeriodType = PeriodType.Month, SetupFee = Fee("setupFee"), SubscriptionFee = fee, RenewalFee = fee }],
            Rates = [.. offered.Select(c => new RateInput { Resource = c, MinUnits = c == Text("keyType") ? 1 : 0, MaxUnits = 1, RecurringFee = Fee(FeePrefix + c) })],
        };
        return Error.Of(faults) is { } fault ? fault : request;

        string Text(string field) => form[field].ToString().Trim();

        PluginId? Number(string field) => int.TryParse(form[field], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? PluginId.Of(id) : null;

        long Fee(string field)
        {
            var typed = Text(field);
            if (typed.Length == 0)
            {
                return 0;
            }

            if (Amounts.Read(typed, currency) is { } amount)
            {
                return amount;
            }

            faults.Add(KernelErrors.RequestInvalid.Because($"'{typed}' is no amount of {currency}.").At(field).Mend("Write it as 9.90."));
            return 0;
        }
    }

    private static Task<IResult> ShowAsync(HttpContext http, string? keyType, string? then, IReadOnlyDictionary<string, StringValues> typed) => Screens.Get<Database>(http).ReadAsync(
        async s =>
        {
            var catalog = await Screens.Get<CatalogReader>(http).GetAsync(s, http.RequestAborted);
            var plugins = await PlugInsScreen.AllAsync(http, s);
            var classes = catalog.Contents.Classes.Where(c => c.ArchivedAt is null && !c.IsAdditional).ToList();
            return Screens.Show<NewPlanPage>(http, ("Model", new NewPlanModel
            {
                Catalog = catalog, Issuers = [.. plugins.Where(p => p.IsIssuer)], Installers = [.. plugins.Where(p => p.IsInstaller)],
                Currency = (await Screens.Get<ProviderProfiles>(http).FindAsync(s, http.RequestAborted))?.Currency ?? "EUR", Typed = typed, Then = then ?? "",
                Class = classes.FirstOrDefault(c => c.KeyType == keyType) ?? classes.FirstOrDefault(),
            }));
        }, http.RequestAborted);
}
