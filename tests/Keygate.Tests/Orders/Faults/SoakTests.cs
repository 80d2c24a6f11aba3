using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Faults;

/// <summary>Many orders at an issuer that stalls, loses answers, answers late and refuses: none is lost, and no request has two keys.</summary>
public sealed class SoakTests
{
    private const int Orders = 1000;

    [Theory, BothEngines]
    public async Task A_thousand_orders_at_a_bad_issuer_end_installed_or_refused_with_one_key_each(Engine engine)
    {
        using var folder = new TempFolder();
        await using var house = await OrdersHouse.StartAsync(engine, new Keygate.Issuers.SimulatedFactory());

        var report = await Soak.RunAsync(house.ToSoak(), new SoakSettings { Orders = Orders, Journal = folder.File("keys.journal") });

        report.Faults.ShouldBeEmpty(report.ToString());
        report.Orders.ShouldBe(Orders + 1);
        report.KeysMade.ShouldBe(report.Completed);
        report.Attention.ShouldBe(report.Failed);
        report.Failed.ShouldBeInRange(2, Orders / 20);
    }

    /// <summary>The proof can fail: without the look, and without telling Unknown from NotDone, the same orders buy keys twice.</summary>
    [Theory]
    [InlineData("issuer.blind", false, true)]
    [InlineData("issuer.sure", true, false)]
    public async Task Without_one_of_the_guards_the_soak_finds_keys_made_twice(string kind, bool looks, bool tellsUnknown)
    {
        using var folder = new TempFolder();
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite, new MutantFactory(kind, looks, tellsUnknown));

        var report = await Soak.RunAsync(house.ToSoak(), new SoakSettings { Kind = kind, Orders = Orders / 5, Journal = folder.File("keys.journal") });

        report.Twice.ShouldNotBeEmpty(report.ToString());
    }
}
