using System.Text.Json.Nodes;
using Keygate.Installers;
using Keygate.Issuers;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.Installers.Webhook;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Orders.Provisioning;

/// <summary>Whole orders whose license goes to a program of the operator's: the receiver of the documentation, a process of its own.</summary>
public sealed class WebhookOrderTests
{
    private static readonly string[] Signed = ["webhook-id", "webhook-timestamp", "webhook-signature"];

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task An_order_is_installed_by_a_webhook_and_a_lost_answer_is_repeated_with_the_same_id(Engine engine)
    {
        using var python = await PythonReceiver.StartAsync(_cancellation);
        await using var line = await WebhookReceiver.StartAsync();
        using var http = new HttpClient();
        var (lost, answered) = (0, 0);
        line.Answer = async context =>
        {
            var status = await PassOnAsync(http, python.Url, line.Calls.Last());
            if (lost == 0)
            {
                // The receiver has done it, and nobody hears of it.
                lost = status;
                context.Abort();
                return;
            }

            context.Response.StatusCode = answered = status;
        };

        // The receiver takes no message whose time is far from its own clock.
        await using var house = await OrdersHouse.StartAsync(engine, new HouseSettings { Now = TimeProvider.System.GetUtcNow() }, new SimulatedFactory(), new WebhookFactory());
        var order = await house.PaidAsync(await house.PlanAsync(await PlugInsAsync(house, line.Url, python.Secret)));
        await house.UntilAsync(order, _ => lost != 0);
        var license = (int)(await house.OrderAsync(order))["licenses"]![0]!["id"]!;
        await house.UntilAsync(order, o => ((string?)o["items"]!.AsArray()[^1]!["cause"])?.Length > 0);
        ((string)(await house.GetAsync($"licenses/{license}"))["status"]!).ShouldBe("Installing");
        python.Files().Count.ShouldBe(1);

        await house.AfterAsync(TimeSpan.FromSeconds(15));

        await house.UntilStateAsync(order, "CP");
        (lost, answered).ShouldBe((StatusCodes.Status204NoContent, StatusCodes.Status204NoContent));
        var calls = line.Calls.ToList();
        calls.Count.ShouldBe(2);
        calls[1].Headers["webhook-id"].ShouldBe(calls[0].Headers["webhook-id"]);
        calls[1].Body.ShouldBe(calls[0].Body);
        calls[1].Headers["webhook-timestamp"].ShouldNotBe(calls[0].Headers["webhook-timestamp"]);

        var installed = await house.GetAsync($"licenses/{license}");
        ((string)installed["status"]!).ShouldBe("Installed");
        var file = await house.Database.ReadAsync(s => s.GetAsync<byte[]>("select content from license_files", null, _cancellation), _cancellation);
        var (place, content) = python.Files().ShouldHaveSingleItem();
        place.ShouldBe($"node4/{string.Join('-', ((string)installed["keyNumber"]!).Split('.')[..2])}.{((string)installed["file"]!["fileName"]!).Split('.')[^1]}");
        content.ShouldBe(System.Text.Encoding.UTF8.GetString(file));
        (await house.GetAsync("attention"))["items"]!.AsArray().ShouldBeEmpty();

        // Each message has a connection of its own: one that is just being closed would swallow it.
        calls.ShouldAllBe(c => c.Headers["connection"] == "close");

        // Another license is another message.
        await house.UntilStateAsync(await house.PaidAsync((int)(await house.OrderAsync(order))["planId"]!), "CP");
        line.Calls.Count.ShouldBe(3);
        line.Calls.Last().Headers["webhook-id"].ShouldNotBe(calls[0].Headers["webhook-id"]);
        python.Files().Count.ShouldBe(2);
    }

    private static async Task<Action<JsonObject>> PlugInsAsync(OrdersHouse house, string url, string secret)
    {
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Sandbox", ["kind"] = "issuer.simulated" }))["id"]!;
        var installer = (int)(await house.PostAsync("plugins", new JsonObject
        {
            ["name"] = "Receiver", ["kind"] = "installer.webhook", ["settings"] = new JsonObject { ["url"] = url, ["secret"] = secret },
        }))["id"]!;
        return plan => (plan["issuerId"], plan["installerId"]) = (issuer, installer);
    }

    private static async Task<int> PassOnAsync(HttpClient http, string url, WebhookReceiver.Call call)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url)) { Content = new ByteArrayContent(call.Body) };
        foreach (var header in Signed)
        {
            request.Headers.TryAddWithoutValidation(header, call.Headers[header]);
        }

        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
