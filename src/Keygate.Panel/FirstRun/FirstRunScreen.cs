using System.Globalization;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Orders;
using Keygate.Plugins;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>A step of the first run.</summary>
public enum FirstRunStep
{
    /// <summary>Who runs this Keygate.</summary>
    Provider,

    /// <summary>Where keys come from.</summary>
    Issuer,

    /// <summary>Where license files go.</summary>
    Installer,

    /// <summary>What can be ordered.</summary>
    Catalog,

    /// <summary>What is sold, for how much.</summary>
    Plan,

    /// <summary>The first order.</summary>
    Order,
}

/// <summary>How far the first run has come. Each step is done when its facts are there, wherever they came from: so it can be left and resumed, and nothing is asked twice.</summary>
public sealed record FirstRunState
{
    /// <summary>Who runs this Keygate; null before it was said.</summary>
    public ProviderProfile? Profile { get; init; }

    /// <summary>The issuers.</summary>
    public IReadOnlyList<Plugin> Issuers { get; init; } = [];

    /// <summary>The installers.</summary>
    public IReadOnlyList<Plugin> Installers { get; init; } = [];

    /// <summary>The catalog.</summary>
    public required CatalogView Catalog { get; init; }

    /// <summary>The plans on sale.</summary>
    public IReadOnlyList<PlanRow> Plans { get; init; } = [];

    /// <summary>The newest order; null before the first.</summary>
    public OrderRow? Order { get; init; }

    /// <summary>True where a step is done.</summary>
    public bool IsDone(FirstRunStep step) => step switch
    {
        FirstRunStep.Provider => Profile is not null,
        FirstRunStep.Issuer => Issuers.Count > 0,
        FirstRunStep.Installer => Installers.Count > 0,
        FirstRunStep.Catalog => Catalog.Contents.Classes.Any(c => c.ArchivedAt is null),
        FirstRunStep.Plan => Plans.Count > 0,
        _ => Order is not null,
    };

    /// <summary>The first step that is not done; null where all are.</summary>
    public FirstRunStep? Next => Enum.GetValues<FirstRunStep>().Where(s => !IsDone(s)).Select(s => (FirstRunStep?)s).FirstOrDefault();

    /// <summary>Reads how far it has come.</summary>
    public static async Task<FirstRunState> ReadAsync(HttpContext http, Session session)
    {
        var cancellation = http.RequestAborted;
        var plugins = await PlugInsScreen.AllAsync(http, session);
        return new FirstRunState
        {
            Profile = await Screens.Get<ProviderProfiles>(http).FindAsync(session, cancellation),
            Issuers = [.. plugins.Where(p => p.IsIssuer)],
            Installers = [.. plugins.Where(p => p.IsInstaller)],
            Catalog = await Screens.Get<CatalogReader>(http).GetAsync(session, cancellation),
            Plans = [.. (await Screens.Get<ListPlans>(http).HandleAsync(session, PageRequest.Of(PageRequest.LimitMax, null), cancellation)).Value.Items.Where(p => p.Published)],
            Order = (await Screens.Get<ListOrders>(http).HandleAsync(session, null, null, null, PageRequest.Of(1, null), cancellation)).Value.Items is [var newest, ..] ? newest : null,
        };
    }
}

/// <summary>What the page of the first run shows.</summary>
/// <param name="State">How far it has come.</param>
/// <param name="Step">The step that is open; null where all are done and none was asked for.</param>
/// <param name="BuiltIn">True where the key server works in this process.</param>
/// <param name="Folder">Where license files can be put on this machine; empty where nobody says.</param>
/// <param name="Typed">What was typed, where it was refused.</param>
public sealed record FirstRunModel(FirstRunState State, FirstRunStep? Step, bool BuiltIn, string Folder, IReadOnlyDictionary<string, string> Typed);

/// <summary>First run: from an empty Keygate to a first order, step by step.</summary>
internal static class FirstRunScreen
{
    private const long FileBytesMax = 4 << 20;

    // The built-in key server answers within this, so that an absence there is believed soon.
    private const string BuiltInMayStillTake = "30";

    public static void Map(IEndpointRouteBuilder admin)
    {
        var first = admin.MapGroup("/first-run");
        first.MapGet("", (FirstRunStep? step, HttpContext http) => ShowAsync(http, step, null));
        first.MapPost("/provider", (IFormCollection form, HttpContext http, ProviderProfiles profiles) => ActAsync(
            http, FirstRunStep.Provider, form, (tx, actor) => profiles.ChangeAsync(
                tx, new ProviderProfile { Name = Text(form, "name"), HostName = Text(form, "hostName"), Email = Text(form, "email"), Currency = Text(form, "currency").ToUpperInvariant() },
                actor, http.RequestAborted), "said.saved")).DisableAntiforgery();
        first.MapPost("/issuer", BuiltInAsync).DisableAntiforgery();
        first.MapPost("/installer", (IFormCollection form, HttpContext http, AddPlugin handler) => ActAsync(
            http, FirstRunStep.Installer, form, (tx, actor) => handler.HandleAsync(
                tx, new AddPluginRequest { Name = "License folders", Kind = "installer.directory", Settings = new Dictionary<string, string?> { ["root"] = Text(form, "root") } }, actor, http.RequestAborted),
            "said.installer-added")).DisableAntiforgery();
        first.MapPost("/catalog", (IFormCollection form, HttpContext http, ImportCatalog handler) => ActAsync(
            http, FirstRunStep.Catalog, form, async (tx, actor) => Samples.Find(Text(form, "sample"), "catalog") is { } file
                ? await handler.HandleAsync(tx, new ImportCatalogRequest(file), actor, http.RequestAborted)
                : KernelErrors.RequestInvalid.Because("Choose one of the samples.").At("sample"), "said.sample-imported")).DisableAntiforgery();
        first.MapPost("/order", ([FromForm] string? name, [FromForm] string? email, IFormCollection form, HttpContext http, CreateCustomer handler) => Screens.ActAsync(
            http, (tx, actor) => handler.HandleAsync(tx, new CreateCustomerRequest { Name = name ?? "", Email = email?.Trim() ?? "" }, actor, http.RequestAborted),
            made => ($"/admin/customers/{made.Id}", Frame.Of(http).Words["said.first-customer"]), () => ShowAsync(http, FirstRunStep.Order, form))).DisableAntiforgery();
    }

    // Two databases and a call to the other side, so it is no one transaction: what was done stays, and pressed again it goes on.
    private static async Task<IResult> BuiltInAsync(IFormCollection form, HttpContext http, AddPlugin handler, FetchOffer fetch)
    {
        Task<IResult> AgainAsync() => ShowAsync(http, FirstRunStep.Issuer, form);
        if (http.RequestServices.GetService<OpenOwnAccount>() is not { } account)
        {
            return await Screens.RefuseAsync(http, PanelErrors.NoKeyServer, AgainAsync);
        }

        if (!(await PriceListAsync(form, http)).TryGet(out var file, out var unread))
        {
            return await Screens.RefuseAsync(http, unread, AgainAsync);
        }

        var actor = http.Actor();
        var state = await Screens.Get<Database>(http).ReadAsync(s => FirstRunState.ReadAsync(http, s), http.RequestAborted);
        if (!(await account.HandleAsync(state.Profile?.Name ?? actor.Name, file, actor, http.RequestAborted)).TryGet(out var opened, out var error))
        {
            return await Screens.RefuseAsync(http, error, AgainAsync);
        }

        var settings = new Dictionary<string, string?>
        {
            ["host"] = opened.Url.Host, ["port"] = opened.Url.Port.ToString(CultureInfo.InvariantCulture), ["login"] = opened.Login, ["password"] = opened.Password, ["client"] = opened.Client,
            ["certificate"] = opened.Certificate, ["mayStillTake"] = BuiltInMayStillTake,
        };
        var request = new AddPluginRequest { Name = "Key server", Kind = "issuer.key-administrator", Settings = settings };
        var added = await Screens.Get<WriteDoor>(http).WriteAsync(http, null, (tx, who) => handler.HandleAsync(tx, request, who, http.RequestAborted));
        if (added.TryGet(out var plugin, out _))
        {
            // What it offers is known at once, so that the next steps need not wait; what comes of it stands with the plug-in.
            await fetch.EnsureAsync(plugin.Id, http.RequestAborted);
        }

        return await Screens.GoOnAsync(http, added, _ => ("/admin/first-run", Frame.Of(http).Words["said.issuer-added"]), AgainAsync);
    }

    private static async Task<Result<ReadOnlyMemory<byte>>> PriceListAsync(IFormCollection form, HttpContext http)
    {
        if (form.Files["priceList"] is not { Length: > 0 } file)
        {
            return Samples.Find(Text(form, "sample"), "price-list") is { } sample
                ? sample
                : KernelErrors.RequestInvalid.Because("Choose one of the samples, or a price-list file of your own.").At("sample");
        }

        return (await Uploads.ReadAsync(file, FileBytesMax, "priceList", http.RequestAborted)).Map(content => (ReadOnlyMemory<byte>)content);
    }

    private static Task<IResult> ActAsync<T>(HttpContext http, FirstRunStep step, IFormCollection form, Func<Tx, Actor, Task<Result<T>>> act, string said) =>
        Screens.ActAsync(http, act, _ => ("/admin/first-run", Frame.Of(http).Words[said]), () => ShowAsync(http, step, form));

    private static Task<IResult> ShowAsync(HttpContext http, FirstRunStep? step, IFormCollection? typed) => Screens.Get<Database>(http).ReadAsync(
        async s =>
        {
            var state = await FirstRunState.ReadAsync(http, s);
            return Screens.Show<FirstRunPage>(http, ("Model", new FirstRunModel(
                state, step ?? state.Next, http.RequestServices.GetService<OpenOwnAccount>() is not null, Screens.Get<PanelOptions>(http).Folder,
                typed?.ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal) ?? [])));
        }, http.RequestAborted);

    private static string Text(IFormCollection form, string field) => form[field].ToString().Trim();
}
