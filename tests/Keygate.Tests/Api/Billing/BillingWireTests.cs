using System.Net;
using System.Text;
using Keygate.Api.Billing;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing;

/// <summary>The wrapper, results and faults as the reference words them (business-automation.md 5.1 to 5.5).</summary>
public sealed class BillingWireTests
{
    [Fact]
    public async Task The_wire_forms_are_these()
    {
        await using var house = await OrdersHouse.StartAsync(Engine.Sqlite);
        var page = new StringBuilder();
        foreach (var (title, xml) in new[]
        {
            ("the common client's three members", Xml.Call("KAGATE", "KA_FeatureGroupAdd", "ACME_GROUP", "Custom feature group", 1000, 1)),
            ("a refusal", Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", "DEMO_GROUP")),
            ("blanks at the right, untyped values, members that are not known", Handwritten("<member><name>methodName</name><value>Execute</value></member><member><name>Lang</name><value>en</value></member>"
                + Member("Server", "<value>KAGATE  </value>") + Member("Method", "<value>KA_FeatureGroupMoveToArc</value>") + Member("Params", "<value><array><data><value>ACME_GROUP   </value></data></array></value>"))),
            ("censored", Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", new XmlRpcStruct { ["censored"] = "SECRET_GROUP" })),
            ("no such server", Xml.Call("PAGATE", "KA_AddonAdd")),
            ("no such method", Xml.Call("KAGATE", "KA_AddonEdit", "A", "B")),
            ("a method that is not built", Xml.Call("DOMAINGATE", "DomainInfoGet_API", 1)),
            ("a parameter is missing", Xml.Call("KAGATE", "KA_UpgradeAdd", "A", "B", "C", "D", 1)),
            ("parameters of other types", Xml.Call("KAGATE", "KA_UpgradeAdd", "A", "B", new XmlRpcArray(), "D", "one", 1)),
            ("one parameter too many", Xml.Call("KAGATE", "KA_AddonAdd", "A", "B", "C")),
            ("an empty i4", Handwritten(Member("Server", "<value>KAGATE</value>") + Member("Method", "<value>KA_FeatureGroupAdd</value>")
                + Member("Params", "<value><array><data><value>G</value><value>D</value><value><i4></i4></value></data></array></value>"))),
            ("another method than Execute", "<?xml version=\"1.0\"?><methodCall><methodName>KA_AddonAdd</methodName><params/></methodCall>"),
            ("no struct", "<?xml version=\"1.0\"?><methodCall><methodName>Execute</methodName><params><param><value>KAGATE</value></param></params></methodCall>"),
            ("no method", Handwritten(Member("Server", "<value>KAGATE</value>"))),
            ("no XML", "KA_AddonAdd"),
            ("a transaction that nobody began", Xml.Call("BM", "CommitTransaction", [("TransactionID", "0badcafe-1")])),
        })
        {
            var (status, text, _) = await house.XmlRpcAsync(xml);
            page.Append(Xml.Exchange(title, xml, status, text));
        }

        Approve.That(page.ToString(), nameof(BillingWireTests));
    }

    [Theory, BothEngines]
    public async Task A_call_without_a_login_is_refused_unless_its_address_is_allowed(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine, new HouseSettings { Billing = new BillingOptions() });
        await house.PostAsync("staff", new System.Text.Json.Nodes.JsonObject { ["login"] = "paul", ["name"] = "Paul", ["password"] = "correct horse", ["role"] = "Operator" });
        await house.PostAsync("staff", new System.Text.Json.Nodes.JsonObject { ["login"] = "rita", ["name"] = "Rita", ["password"] = "battery staple", ["role"] = "Auditor" });
        var add = Xml.Call("KAGATE", "KA_FeatureGroupAdd", "ACME", "Acme", 1, 0);

        var (status, text, headers) = await house.XmlRpcAsync(add);
        status.ShouldBe(HttpStatusCode.Unauthorized);
        headers.WwwAuthenticate.ToString().ShouldStartWith("Basic");
        text.ShouldContain("<fault>");
        (await house.XmlRpcAsync(add, "paul:wrong")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var wrong = XmlRpcReader.ReadResponse(Encoding.UTF8.GetBytes((await house.XmlRpcAsync(Xml.Call("KAGATE", "KA_AddonAdd", [("Username", "paul"), ("Password", "wrong")], "A", "B"))).Text)).Fault!;
        (wrong.Code, Xml.Plain(wrong)).ShouldSatisfyAllConditions(f => f.Code.ShouldBe(401), f => f.Item2.ShouldStartWith("Login or password is wrong."));
        (await house.XmlRpcAsync(add, "rita:battery staple")).Text.ShouldContain("<fault>");
        (await house.CountAsync("feature_groups where id = 'ACME'")).ShouldBe(0);

        (await house.XmlRpcAsync(add, "paul:correct horse")).Text.ShouldContain("Operation done.");
        var members = new (string, XmlRpcValue)[] { ("Username", "paul"), ("Password", new XmlRpcStruct { ["censored"] = "correct horse" }) };
        (await house.XmlRpcAsync(Xml.Call("KAGATE", "KA_FeatureGroupMoveToArc", members, "ACME"))).Text.ShouldContain("Operation done.");
        (await house.CountAsync("audit where actor_name = 'Paul' and act like 'catalog.%'")).ShouldBe(2);
    }

    private static string Member(string name, string value) => $"<member><name>{name}</name>{value}</member>";

    private static string Handwritten(string members) =>
        $"<?xml version=\"1.0\"?>\n<methodCall><methodName>Execute</methodName><params><param><value><struct>{members}</struct></value></param></params></methodCall>";
}
