using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Architecture;

public sealed class HouseTests
{
    [Fact]
    public void Arrows_run_downwards_and_in_no_circle()
    {
        House.Faults(House.Order, House.Declared()).ShouldBeEmpty();
        House.Faults(House.Order, House.Compiled()).ShouldBeEmpty();
    }

    [Fact]
    public void A_room_declares_whom_it_uses()
    {
        var declared = House.Declared();

        House.Compiled().SelectMany(room => room.Value.Except(declared[room.Key]).Select(used => $"{room.Key} uses {used} by way of another room")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("XmlRpc")]
    [InlineData("Verification")]
    [InlineData("Plugins.Abstractions")]
    [InlineData("Kernel")]
    [InlineData("Demo")]
    public void Libraries_and_the_demo_know_nothing_of_the_rooms(string room)
    {
        House.Declared()[room].ShouldBeEmpty();
        House.Compiled()[room].ShouldBeEmpty();
    }

    [Theory]
    [InlineData("KeyServer", "Server", "Panel")]
    [InlineData("Issuers", "Server")]
    [InlineData("Installers", "Server")]
    [InlineData("Demo")]
    public void Some_rooms_are_used_by_the_host_alone(string room, params string[] allowed) =>
        House.Declared().Where(r => r.Value.Contains(room)).Select(r => r.Key).Except(allowed).ShouldBeEmpty();

    [Theory]
    [InlineData("Issuers")]
    [InlineData("Installers")]
    public void Built_in_plug_ins_see_what_a_stranger_sees(string room) =>
        House.Declared()[room].Except(["Plugins.Sandbox", "Plugins.Abstractions", "Webhooks", "XmlRpc"]).ShouldBeEmpty();

    [Fact]
    public void The_verifier_needs_nothing_but_the_framework() =>
        House.Assemblies()["Verification"].GetReferencedAssemblies().Select(a => a.Name!).ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal));

    [Fact]
    public void The_picture_shows_the_house_as_it_is() =>
        Approve.File(House.Picture(House.Declared()), Path.Combine(Repository.Root, "docs/house.md"));

    [Fact]
    public void Notices_an_arrow_that_runs_up() =>
        House.Faults(["Roof", "Cellar"], Arrows(("Roof", []), ("Cellar", ["Roof"]))).ShouldBe(["Cellar uses Roof, which stands above it"]);

    [Fact]
    public void Notices_a_circle() =>
        House.Faults(["A", "B", "C"], Arrows(("A", ["B"]), ("B", ["C"]), ("C", ["A"]))).ShouldBe(
            ["C uses A, which stands above it", "A stands in a circle", "B stands in a circle", "C stands in a circle"]);

    [Fact]
    public void Notices_a_room_that_nobody_gave_a_place() =>
        House.Faults(["A"], Arrows(("A", ["Shared"]))).ShouldBe(["Shared has no place in the house"]);

    [Fact]
    public void Leaves_arrows_that_follow_from_others_out_of_the_picture()
    {
        var picture = House.Picture(Arrows(("Server", ["Storage", "Kernel"]), ("Storage", ["Kernel"]), ("Kernel", [])));

        picture.ShouldContain("Server --> Storage\n");
        picture.ShouldContain("Storage --> Kernel\n");
        picture.ShouldNotContain("Server --> Kernel");
        picture.ShouldContain("| [Server](../src/Keygate.Server/README.md) | Storage, Kernel |");
    }

    private static Dictionary<string, IReadOnlyList<string>> Arrows(params (string Room, string[] Uses)[] arrows) =>
        arrows.ToDictionary(a => a.Room, a => (IReadOnlyList<string>)a.Uses, StringComparer.Ordinal);
}
