using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

public sealed class XmlRpcValueTests
{
    [Fact]
    public void Is_nil_when_nothing_was_set()
    {
        XmlRpcValue nothing = default;

        nothing.IsNil.ShouldBeTrue();
        nothing.ShouldBe(XmlRpcValue.Nil);
        ((XmlRpcValue)(string?)null).IsNil.ShouldBeTrue();
    }

    [Fact]
    public void Refuses_another_type_by_name_and_without_contents()
    {
        XmlRpcValue value = "s3cret";

        Should.Throw<XmlRpcTypeException>(() => value.AsInt()).Message.ShouldBe("int expected, string found.");
        Should.Throw<XmlRpcTypeException>(() => value.AsStruct()).Fault.Code.ShouldBe(XmlRpcFaultCodes.InvalidParameters);
        value.ToString().ShouldBe("string of 6");
    }

    [Fact]
    public void Takes_a_wide_number_that_fits_for_a_narrow_one()
    {
        ((XmlRpcValue)7L).AsInt().ShouldBe(7);
        ((XmlRpcValue)7).AsLong().ShouldBe(7);
        ((XmlRpcValue)7).AsDouble().ShouldBe(7);
        Should.Throw<XmlRpcTypeException>(() => ((XmlRpcValue)5_000_000_000).AsInt());
    }

    [Fact]
    public void Refuses_what_the_wire_cannot_say()
    {
        Should.Throw<ArgumentException>(() => (XmlRpcValue)double.NaN);
        Should.Throw<ArgumentException>(() => (XmlRpcValue)double.NegativeInfinity);
        Should.Throw<ArgumentException>(() => (XmlRpcValue)new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Local));
    }

    [Fact]
    public void Leaves_out_a_member_set_to_nil()
    {
        var members = new XmlRpcStruct { ["a"] = 1, ["b"] = XmlRpcValue.Nil, ["c"] = 3 };
        members["a"] = XmlRpcValue.Nil;
        members["c"] = 4;

        members.Select(m => m.Key).ShouldBe(["c"]);
        members["c"].AsInt().ShouldBe(4);
        members.GetOrNil("a").IsNil.ShouldBeTrue();
        Should.Throw<XmlRpcTypeException>(() => members["a"]).Message.ShouldBe("Member 'a' is missing.");
    }

    [Fact]
    public void Finds_members_in_a_large_struct_after_removals()
    {
        var members = new XmlRpcStruct();
        for (var i = 0; i < 1000; i++)
        {
            members[$"m{i}"] = i;
        }

        members["m10"] = XmlRpcValue.Nil;

        members.Count.ShouldBe(999);
        members.Contains("m10").ShouldBeFalse();
        members["m999"].AsInt().ShouldBe(999);
        members["m0"].AsInt().ShouldBe(0);
    }

    [Fact]
    public void Compares_structs_without_regard_to_order_and_arrays_with_it()
    {
        XmlRpcValue one = new XmlRpcStruct { ["a"] = 1, ["b"] = "x" };
        XmlRpcValue two = new XmlRpcStruct { ["b"] = "x", ["a"] = 1 };

        one.ShouldBe(two);
        one.GetHashCode().ShouldBe(two.GetHashCode());
        ((XmlRpcValue)new XmlRpcStruct { ["a"] = 1, ["c"] = "x" }).ShouldNotBe(one);
        ((XmlRpcValue)XmlRpcArray.Create(1, 2)).ShouldNotBe(XmlRpcArray.Create(2, 1));
        ((XmlRpcValue)1).ShouldNotBe(1L);
    }

    [Fact]
    public void Understands_a_loose_text()
    {
        Text(12345).ShouldBe("12345");
        Text(true).ShouldBe("1");
        Text(1.5).ShouldBe("1.5");
        Text("x").ShouldBe("x");
        Text(new XmlRpcArray()).ShouldBeNull();
        Text(XmlRpcValue.Nil).ShouldBeNull();

        static string? Text(XmlRpcValue value) => value.TryToText(out var text) ? text : null;
    }

    [Fact]
    public void Understands_loose_numbers_and_flags()
    {
        Number("12").ShouldBe(12);
        Number(" -3 ").ShouldBe(-3);
        Number(4d).ShouldBe(4);
        Number(4.5).ShouldBeNull();
        Number("4x").ShouldBeNull();
        Number("").ShouldBeNull();
        Number(true).ShouldBeNull();
        Flag(1).ShouldBe(true);
        Flag("0").ShouldBe(false);
        Flag("True").ShouldBe(true);
        Flag(2).ShouldBeNull();
        Flag("yes").ShouldBeNull();

        static int? Number(XmlRpcValue value) => value.TryToInt(out var number) ? number : null;
        static bool? Flag(XmlRpcValue value) => value.TryToBoolean(out var flag) ? flag : null;
    }

    [Fact]
    public void Understands_empty_forms_of_lists_and_structs()
    {
        XmlRpcValue[] empty = [new XmlRpcArray(), new XmlRpcStruct(), "", XmlRpcValue.Nil];
        foreach (var value in empty)
        {
            value.TryToStruct(out var members).ShouldBeTrue();
            members!.Count.ShouldBe(0);
            value.TryToArray(out var items).ShouldBeTrue();
            items!.Count.ShouldBe(0);
            value.TryToTexts(out var texts).ShouldBeTrue();
            texts!.ShouldBeEmpty();
        }

        ((XmlRpcValue)XmlRpcArray.Create("a")).TryToStruct(out _).ShouldBeFalse();
        ((XmlRpcValue)new XmlRpcStruct { ["a"] = 1 }).TryToArray(out _).ShouldBeFalse();
    }

    [Fact]
    public void Understands_one_text_as_a_list_of_one()
    {
        ((XmlRpcValue)"198.51.100.24").TryToTexts(out var one).ShouldBeTrue();
        one.ShouldBe(["198.51.100.24"]);
        ((XmlRpcValue)XmlRpcArray.Create("a", 7)).TryToTexts(out var two).ShouldBeTrue();
        two.ShouldBe(["a", "7"]);
        ((XmlRpcValue)XmlRpcArray.Create("a", new XmlRpcArray())).TryToTexts(out _).ShouldBeFalse();
    }

    [Fact]
    public void Understands_a_date_sent_as_text()
    {
        ((XmlRpcValue)"2026-04-18T00:00:00").TryToDateTime(out var date).ShouldBeTrue();
        date.ShouldBe(new DateTime(2026, 4, 18, 0, 0, 0, DateTimeKind.Unspecified));
        ((XmlRpcValue)"tomorrow").TryToDateTime(out _).ShouldBeFalse();
    }
}
