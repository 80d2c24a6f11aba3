using Keygate.KeyServer;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer;

public sealed class KeyNumberTests
{
    [Fact]
    public void A_number_is_written_with_eight_digits_and_four_of_revision()
    {
        var number = new KeyNumber("PLSK", KeyId.Of(41207), 3);

        number.ToString().ShouldBe("PLSK.00041207.0003");
        number.Stem.ShouldBe("PLSK.00041207");
    }

    [Theory]
    [InlineData("PLSK.00041207.0000", "PLSK")]
    [InlineData("PLSK.00041207", "PLSK")]
    [InlineData(" 4psa.00041207.0009 ", "4PSA")]
    public void A_number_is_read_with_or_without_revision(string text, string prefix)
    {
        KeyName.TryParse(text, out var name).ShouldBeTrue();
        name.Prefix.ShouldBe(prefix);
        name.Number.ShouldBe(KeyId.Of(41207));
        name.ActivationCode.ShouldBeNull();
    }

    [Fact]
    public void An_activation_code_names_a_key_too()
    {
        KeyName.TryParse("k7t0q2-zp41m9-00rxv3-l8c5hd-3w6yfa", out var name).ShouldBeTrue();
        name.ActivationCode.ShouldBe("K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA");
        name.Number.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("PLSK")]
    [InlineData("PLSK.41207.0000")]
    [InlineData("PLSK.00041207.00")]
    [InlineData("PLSK.00041207.0000.1")]
    [InlineData("PL-SK.00041207.0000")]
    [InlineData(".00041207.0000")]
    [InlineData("PLSK.٠٠٠٤١٢٠٧")]
    [InlineData("K7T0Q2-ZP41M9-00RXV3-L8C5HD")]
    public void Anything_else_names_no_key(string text) => KeyName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Activation_codes_have_five_groups_of_six_and_differ()
    {
        var codes = Enumerable.Range(0, 200).Select(_ => new Chance().ActivationCode()).ToList();

        codes.ForEach(code => KeyName.TryParse(code, out _).ShouldBeTrue(code));
        codes.Distinct().Count().ShouldBe(200);
    }
}
