using System.Globalization;
using System.Text;
using Keygate.Catalog;
using Keygate.Issuers;
using Keygate.KeyServer;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Tests.KeyServer;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Catalog.CheckOffer;

/// <summary>
/// The compiler's word against the key server's, order by order and both ways: what it accepts is issued, what it rejects is refused. Small random price lists, catalogs
/// that were copied from them with mistakes, over the real Partner API 1.0 on TLS.
/// </summary>
public sealed class CompilerAtKeyServerTests
{
    private const int Catalogs = 24;

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_accepted_is_issued_and_what_is_rejected_is_refused()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        var (accepted, rejected, sameWords) = (0, 0, 0);
        for (var seed = 1; seed <= Catalogs; seed++)
        {
            var offering = new RandomOffering(seed);
            await using var plugin = await PluginAsync(server, offering, seed);
            var offer = (await ((IListsOffer)plugin).GetOfferAsync(_cancellation)).Value!;
            var terms = Terms(offer);
            var rules = new IssuerRules(terms);
            DecidedByParts(offering, terms, seed);
            foreach (var space in offering.Plan.Classes.Select(c => OrderSpace.Of(offering.Catalog, offering.Plan, c.Code).Space).OfType<OrderSpace>())
            {
                foreach (var (features, addOns) in space.Each())
                {
                    var refusal = rules.Refusal(space.Class, features, addOns);
                    var answer = await ((IIssuer)plugin).IssueAsync(
                        new IssueRequest
                        {
                            LicenseId = 1, KeyType = space.Class.KeyType, Features = features, AddOns = addOns, Trace = "02:1f:aa:00:9c:3e",
                            BillType = space.Class.BillType == Keygate.Catalog.BillType.Lease ? Keygate.Plugins.Abstractions.BillType.Lease : Keygate.Plugins.Abstractions.BillType.Purchase,
                        }, _cancellation);

                    var order = $"seed {seed}: {space.Class.KeyType} {space.Class.BillType} with {string.Join(' ', features)} and {string.Join(' ', addOns)}: compiler {refusal?.Cause ?? "accepts"}, issuer {answer.Reason?.Cause ?? "issues"}";
                    answer.Outcome.ShouldBe(refusal is null ? Outcome.Done : Outcome.Refused, order);
                    (accepted, rejected) = refusal is null ? (accepted + 1, rejected) : (accepted, rejected + 1);
                    sameWords += refusal is { } words && answer.Reason!.Cause.Contains(Words(words.Cause), StringComparison.Ordinal) ? 1 : 0;
                }
            }
        }

        (accepted + rejected).ShouldBeGreaterThan(200);
        accepted.ShouldBeGreaterThan((accepted + rejected) * 3 / 10, "a compiler that rejects everything is easy to build");
        rejected.ShouldBeGreaterThan((accepted + rejected) / 20, "and so is one that accepts everything");
        sameWords.ShouldBe(rejected, "the cause is in the words of the issuer's refusal");
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{accepted} accepted, {rejected} rejected"));
    }

    /// <summary>The orders that the compiler tries are those that the catalog's own rules let through, no more and no fewer.</summary>
    [Fact]
    public void The_orders_that_are_tried_are_all_that_can_be_placed()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var offering = new RandomOffering(seed);
            foreach (var of in offering.Plan.Classes)
            {
                var tried = OrderSpace.Of(offering.Catalog, offering.Plan, of.Code).Space?.Each().Select(o => Key(o.Features, o.AddOns)).Order().ToList() ?? [];
                var placed = Subsets(offering.Plan.Features)
                    .SelectMany(_ => Subsets(offering.Plan.AddOns), (features, addOns) => (features, addOns))
                    .Where(o => CatalogRules.Check(offering.Catalog, of.Code, o.features, o.addOns).Count == 0)
                    .Select(o => Key(o.features, o.addOns)).Order().ToList();

                tried.ShouldBe(placed, $"seed {seed}, {of.Code}");
            }
        }
    }

    // What is too much to be tried each is decided by its parts, and as all of it would be.
    private static void DecidedByParts(RandomOffering offering, IssuerTerms terms, int seed)
    {
        var each = CatalogCompiler.Check(offering.Catalog, offering.Plan, terms);
        var byParts = CatalogCompiler.Check(offering.Catalog, offering.Plan, terms, eachMax: 0);

        byParts.Passes.ShouldBe(each.Passes, $"seed {seed}");
        byParts.Combinations.ShouldBe(each.Combinations);
        byParts.Tried.ShouldBeLessThanOrEqualTo(each.Tried);
        byParts.Failures.ShouldBeSubsetOf(each.Failures, new Same(), $"seed {seed}");
    }

    private static string Key(IEnumerable<string> features, IEnumerable<string> addOns) => $"{string.Join(' ', features.Order())}|{string.Join(' ', addOns.Order())}";

    // The issuer puts its code and place before, and its remedy behind.
    private static string Words(string cause) => cause.StartsWith("Unknown", StringComparison.Ordinal) ? cause.Split([':', '.'])[0] : cause.TrimEnd('.');

    private static IEnumerable<IReadOnlyList<string>> Subsets(IReadOnlyList<OfferPart> parts) => Enumerable.Range(0, 1 << parts.Count)
        .Where(bits => parts.Select((p, i) => !p.Always || (bits & (1 << i)) != 0).All(fits => fits))
        .Select(bits => (IReadOnlyList<string>)[.. parts.Where((_, i) => (bits & (1 << i)) != 0).Select(p => p.Code)]);

    private static IssuerTerms Terms(IssuerOffer offer) => new()
    {
        Name = "KA", KeyTypes = offer.KeyTypes.ToHashSet(StringComparer.Ordinal), Features = offer.Features.ToHashSet(StringComparer.Ordinal), Rules = offer.Rules.ShouldNotBeNull(),
    };

    private async Task<IPlugin> PluginAsync(TestKeyServer server, RandomOffering offering, int seed)
    {
        var list = offering.PriceList;
        await server.DoAsync(tx => server.Get<ImportPriceListHandler>().HandleAsync(tx, Encoding.UTF8.GetBytes(list.ToJsonString()), TestKeyServer.Staff, _cancellation));
        var client = await server.DoAsync(tx => server.Get<AddClientHandler>().HandleAsync(
            tx, new() { Login = $"client-{seed}", Name = "A client", PriceList = (string)list["name"]! }, TestKeyServer.Staff, _cancellation));
        var login = await server.DoAsync(tx => server.Get<AddLoginHandler>().HandleAsync(tx, client.Id, new() { Login = $"api-{seed}" }, TestKeyServer.Staff, _cancellation));
        var settings = new KeyAdministratorFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        foreach (var (name, value) in new[]
        {
            ("host", "127.0.0.1"), ("port", server.Url.Port.ToString(CultureInfo.InvariantCulture)), ("login", login.Login), ("password", login.Password),
            ("client", $"client-{seed}"), ("certificate", await server.Get<PartnerTlsCertificate>().ToPemAsync(_cancellation)),
        })
        {
            settings[name] = value;
        }

        return new KeyAdministratorFactory().Create(new PluginContext(settings, NullLogger.Instance, server.Time));
    }

    private sealed class Same : IEqualityComparer<FailingOrder>
    {
        public bool Equals(FailingOrder? x, FailingOrder? y) => Text(x) == Text(y);

        public int GetHashCode(FailingOrder obj) => 0;

        private static string Text(FailingOrder? order) => order is null ? "" : $"{order.KeyType} {Key(order.Features, order.AddOns)} {order.Cause}";
    }
}
