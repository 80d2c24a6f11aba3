using System.Net;
using System.Text.Json.Nodes;
using Keygate.Orders;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.IssueInvoices;

public sealed class InvoiceTests
{
    [Theory, BothEngines]
    public async Task Completed_orders_get_invoices_without_gaps_and_what_is_given_back_a_credit_note(Engine engine)
    {
        await using var house = await OrdersHouse.StartAsync(engine);
        await house.PutAsync("invoicing", new JsonObject { ["seller"] = "Provider GmbH\nHauptstr. 1\n10115 Berlin", ["taxId"] = "DE123456789", ["taxBasisPoints"] = 1900 });
        var plan = await house.PlanAsync();
        var (paid, open) = (await house.PaidAsync(plan), (int)(await house.PlaceAsync(plan))["id"]!);
        await house.UntilStateAsync(paid, "CP");
        var second = await house.PaidAsync(plan);
        await house.UntilStateAsync(second, "CP");
        await house.AfterAsync(TimeSpan.FromMinutes(1));
        await house.AfterAsync(TimeSpan.FromMinutes(1));

        var all = (await house.GetAsync("invoices"))["items"]!.AsArray();
        all.Select(i => ((int)i!["number"]!, (string)i["kind"]!, (int)i["orderId"]!)).ShouldBe([(2, "Invoice", second), (1, "Invoice", paid)]);
        (await house.GetAsync($"invoices?orderId={open}"))["items"]!.AsArray().ShouldBeEmpty();
        var invoice = await house.GetAsync("invoices/1");
        var order = await house.OrderAsync(paid);
        ((long)invoice["total"]!, (long)invoice["tax"]!, (int)invoice["taxBasisPoints"]!, (string)invoice["currency"]!).ShouldBe(((long)order["total"]!, 302, 1900, "EUR"));
        invoice["lines"]!.AsArray().Sum(l => (long)l!["amount"]!).ShouldBe((long)order["total"]!);
        invoice["lines"]!.AsArray().Count.ShouldBe(order["details"]!.AsArray().Count);
        ((string)invoice["buyer"]!).ShouldBe("Northwind Traders");
        ((string)invoice["seller"]!).ShouldStartWith("Provider GmbH");

        // What is set later changes nothing of what was issued.
        await house.PutAsync("invoicing", new JsonObject { ["seller"] = "Another", ["taxBasisPoints"] = 700 });
        (await house.GetAsync("invoices/1")).ToJsonString().ShouldBe(invoice.ToJsonString());

        var part = await house.PostAsync("invoices/1/credit", new JsonObject { ["amount"] = 1000, ["reason"] = "Three days without service." });
        ((int)part["number"]!, (string)part["kind"]!, (int)part["credits"]!, (long)part["total"]!, (long)part["tax"]!).ShouldBe((3, "CreditNote", 1, -1000, -160));
        var rest = await house.PostAsync("invoices/1/credit", new JsonObject { ["reason"] = "He leaves." });
        ((int)rest["number"]!, (long)rest["total"]!, (long)rest["tax"]!).ShouldBe((4, -890, -142));
        foreach (var (number, body) in new[] { (1, new JsonObject { ["reason"] = "again" }), (2, new JsonObject { ["reason"] = "too much", ["amount"] = 1891 }), (3, new JsonObject { ["reason"] = "of a credit note" }) })
        {
            ((string)(await house.RefusedAsync($"invoices/{number}/credit", body, HttpStatusCode.Conflict))["code"]!).ShouldBe("orders.credit-invalid");
        }

        await house.RefusedAsync("invoices/2/credit", new JsonObject(), HttpStatusCode.BadRequest);
        await house.RefusedAsync("invoices/9/credit", new JsonObject { ["reason"] = "none" }, HttpStatusCode.NotFound);
        ((string)(await house.RefusedAsync("orders/1/pay", new JsonObject { ["amount"] = 1, ["currency"] = "EUR" }, HttpStatusCode.Conflict))["code"]!).ShouldNotBeNullOrEmpty();

        // Charges and credits are the lines of the documents.
        var documents = (await house.GetAsync("invoices?limit=500"))["items"]!.AsArray();
        documents.Select(d => (int)d!["number"]!).ShouldBe([4, 3, 2, 1]);
        documents.Where(d => (int?)d!["credits"] == 1 || (int)d["number"]! == 1).Sum(d => (long)d!["total"]!).ShouldBe(0);
        documents.Where(d => (int?)d!["credits"] == 1 || (int)d["number"]! == 1).Sum(d => (long)d!["tax"]!).ShouldBe(0);
        await house.AfterAsync(TimeSpan.FromMinutes(2));
        (await house.CountAsync("invoices")).ShouldBe(4);
    }

    [Theory]
    [InlineData(1890, 1900, 302)]
    [InlineData(119, 1900, 19)]
    [InlineData(100, 0, 0)]
    [InlineData(1, 1900, 0)]
    [InlineData(107, 700, 7)]
    public void Tax_is_what_the_sum_contains(long total, int rate, long tax) => Tax.In(total, rate).ShouldBe(tax);
}
