using Keygate.Panel;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Panel;

public sealed class AmountsTests
{
    [Theory]
    [InlineData("9.90", "EUR", 990)]
    [InlineData("9,9", "EUR", 990)]
    [InlineData("0", "EUR", 0)]
    [InlineData("120", "JPY", 120)]
    [InlineData("1.234", "KWD", 1234)]
    [InlineData("9.999", "EUR", null)]
    [InlineData("1.5", "JPY", null)]
    [InlineData("-1", "EUR", null)]
    [InlineData("ten", "EUR", null)]
    [InlineData("1,000.00", "EUR", null)]
    [InlineData("79228162514264337593543950335", "EUR", null)]
    public void An_amount_is_read_in_whole_minor_units_or_not_at_all(string typed, string currency, int? expected) => Amounts.Read(typed, currency).ShouldBe(expected);
}
