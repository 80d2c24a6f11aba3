using System.Text;
using Keygate.KeyServer;
using Keygate.KeyServer.PartnerApi30;
using Keygate.Kernel;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi30;

public sealed class KeyBodyTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("\"YES\"", true)]
    [InlineData("1", true)]
    [InlineData("\"1\"", true)]
    [InlineData("false", false)]
    [InlineData("\"false\"", false)]
    [InlineData("\"no\"", false)]
    [InlineData("0", false)]
    public void Takes_flags_as_clients_write_them(string written, bool meant) =>
        Read($$"""{ "suspended": {{written}} }""").Value.Suspended.ShouldBe(Given<bool>.Of(meant));

    [Theory]
    [InlineData("2")]
    [InlineData("\"perhaps\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Refuses_flags_that_mean_nothing(string written) =>
        Read($$"""{ "suspended": {{written}} }""").Error!.Code.ShouldBe(KeyServerErrors.FieldMalformed.Code);

    [Fact]
    public void Tells_omitted_null_and_value_apart()
    {
        var body = Read("""{ "nickname": null, "ipAddressBinding": "198.51.100.1" }""").Value;

        body.Nickname.ShouldBe(Given<string>.Null);
        body.Address.ShouldBe(Given<string>.Of("198.51.100.1"));
        body.Parent.IsGiven.ShouldBeFalse();
        Read("""{ "nickname": "" }""").Value.Nickname.IsNull.ShouldBeTrue();
    }

    [Fact]
    public void Takes_numbers_as_texts_and_texts_as_numbers()
    {
        var body = Read("""
            { "ownerId": " 12 ", "productConfigurationId": "7", "nickname": 815, "keyIdentifiers": { "keyId": "00041207" },
              "items": [ { "item": "A", "quantity": "3", "externalId": 9 }, { "item": "B", "quantity": 2.0, "externalId": "x\"y" }, { "item": "C", "externalId": null } ] }
            """).Value;

        (body.Owner.Value, body.Configuration.Value, body.Nickname.Value, body.Identifiers.Value!.Id).ShouldBe((ClientId.Of(12), ProductConfigurationId.Of(7), "815", KeyId.Of(41207)));
        body.Items.Value!.Select(i => (i.Item, i.Quantity, i.ExternalId.Value)).ShouldBe([("A", 3, "9"), ("B", 2, "\"x\\u0022y\""), ("C", 1, null)]);
        body.Items.Value![2].ExternalId.IsNull.ShouldBeTrue();
    }

    [Fact]
    public void Takes_an_empty_array_for_an_object()
    {
        Read("[]").IsDone.ShouldBeTrue();
        Read("""{ "keyIdentifiers": [], "activationInfo": [] }""").Value.Identifiers.Value!.IsEmpty.ShouldBeTrue();
        Read("""{ "keyIdentifiers": [ 7 ] }""").IsDone.ShouldBeFalse();
    }

    [Fact]
    public void Reads_the_first_value_and_nothing_after_it() => Read("""{ "nickname": "x" };  {{{""").Value.Nickname.Value.ShouldBe("x");

    [Fact]
    public void Names_every_fault_at_once()
    {
        var error = Read("""{ "ownerId": null, "suspended": "perhaps", "items": [ { "quantity": 1 } ], "ipAddressBinding": "1" }""").Error!;

        error.Others.Prepend(error).Select(e => e.Field).ShouldBe(["ownerId", "ipAddressBinding", "items", "suspended"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{ \"a\": 1,, }")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{ \"nickname\": \"\\ud800\" }")]
    [InlineData("{ 'nickname': 'x' }")]
    public void Refuses_what_is_no_structure(string body) => Read(body).IsDone.ShouldBeFalse();

    [Fact]
    public void Refuses_what_is_deeper_than_any_structure() => Read(new string('[', 100_000)).Error!.Code.ShouldBe(KeyServerErrors.BodyMalformed.Code);

    private static Result<KeyBody> Read(string json) => KeyBody.Read(Encoding.UTF8.GetBytes(json));
}
