using Keygate.Storage;
using Keygate.Testing;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.PartnerApi10;

public sealed class CreateKeyTests
{
    [Theory, BothEngines]
    public async Task Makes_a_lease_and_hands_out_its_signed_file(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);

        var created = await server.CallAsync("createKey", Address(["198.51.100.24"]), "northwind", "PLESK_10_AND_LATER", Plans("30_DOMAINS"), "billing");

        created["resultCode"].AsInt().ShouldBe(100, created["resultDesc"].AsString());
        var number = created["mainKeyNumber"].AsString();
        number.ShouldMatch(@"^PLSK\.\d{8}\.0000$");
        created["updateDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 9));
        created["expirationDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 19));
        created["susDate"].AsDateTime().ShouldBe(new DateTime(2026, 4, 9));
        created["productKey"].AsString().ShouldMatch("^[A-Z0-9]{6}(-[A-Z0-9]{6}){4}$");
        created["additionalKeysNumbers"].AsArray().Count.ShouldBe(0);

        var retrieved = await server.CallAsync("retrieveKey", number);
        retrieved["resultCode"].AsInt().ShouldBe(100, retrieved["resultDesc"].AsString());
        retrieved["keyNumber"].AsString().ShouldBe(number);
        retrieved["keyExtension"].AsString().ShouldBe("xml");
        var license = await server.VerifiedAsync(retrieved);
        license.KeyNumber.ShouldBe(number[..13]);
        license.KeyVersion.ShouldBe(0);
        license.KeyType.ShouldBe("PLESK_10_AND_LATER");
        license.Features.ShouldBe(["30_DOMAINS"]);
        license.Product.ShouldBe("Plesk");
        license.ProductVersion.ShouldBe("10");
        license.Owner.ShouldBe("Northwind Hosting");
        license.StartDate.ToString().ShouldBe("2026-03-09");
        license.ExpirationDate.ToString().ShouldBe("2026-04-19");
        license.UpdateTicket.ShouldNotBeNull();
        license.Properties.ShouldContain(p => p.Name == "domains-max" && p.Value == "30");
    }

    internal static XmlRpcStruct Address(string[] ips, params string[] macs) => new() { ["ips"] = XmlRpcArray.Of(ips), ["macs"] = XmlRpcArray.Of(macs) };

    internal static XmlRpcArray Plans(params string[] plans) => XmlRpcArray.Of(plans);
}
