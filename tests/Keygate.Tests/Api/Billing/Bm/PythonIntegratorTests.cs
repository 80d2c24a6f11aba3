using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Orders;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing.BmContainer;

/// <summary>An integrator's script in Python, with the language's own XML-RPC client, as a process of its own.</summary>
public sealed class PythonIntegratorTests
{
    private const string Script =
        """
        import base64, hashlib, sys, time, xmlrpc.client

        url, plan, account = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        api = xmlrpc.client.ServerProxy(url)

        def call(method, *params, server="BM"):
            try:
                return api.Execute({"Params": list(params), "Server": server, "Method": method})["Result"][-1]
            except xmlrpc.client.Fault as fault:
                sys.exit("%s: %s" % (method, base64.b64decode(fault.faultString).decode().strip()))

        period = call("PlanPeriodListGet_API", plan, 1)[0][0]
        placed = call("PlaceOrderAndAuthorize_API", 1, 1, "%d=%d=0=-1" % (plan, period), 1, "0", 4, "DomainName=northwind.example", "Target=node4",
                      "Resource=PLESK_10_FOR_VZ", "Resource=30_DOMAINS", 1, "AccountID=%d" % account, 0, 0, 0)
        order = call("GetOrder_API", placed[0])
        text = "%d%s%d%s %.2f%s" % (order[0], order[1].rstrip(), order[6], order[17].rstrip(), order[8], order[12].rstrip())
        call("OrderStatusChange_API", placed[0], "PD", hashlib.md5(text.encode()).hexdigest())
        for _ in range(600):
            order = call("GetOrder_API", placed[0])
            if order[4] == "CP":
                break
            time.sleep(0.1)
        print(placed[0], order[4])
        """;

    [Theory, BothEngines]
    public async Task Places_and_pays_an_order_and_the_license_is_installed(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        var plan = await house.PlanAsync();
        await house.PostAsync("staff", new JsonObject { ["login"] = "script", ["name"] = "Script", ["password"] = "correct-horse", ["role"] = "Operator" });
        var url = new UriBuilder(house.BillingUrl) { UserName = "script", Password = "correct-horse" }.Uri;

        var python = Start(["-c", Script, url.ToString(), $"{plan}", $"{house.Customer}"]);
        Assert.SkipWhen(python is null, "Python is not installed here (apt: python3).");
        using var process = python;
        var output = await process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(0, errors);
        output.Trim().ShouldEndWith(" CP");
        var order = await house.OrderAsync(int.Parse(output.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        ((string)order["licenses"]![0]!["status"]!).ShouldBe("Installed");
        ((string)order["payments"]![0]!["actor"]!).ShouldBe("Script");
        house.Issuer.Asked.Count.ShouldBe(1);
    }

    private static Process? Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
