using System.Text.Json.Nodes;
using Keygate.Notices;
using Keygate.Storage;
using Keygate.Tests.Installers.Webhook;
using Keygate.Tests.Orders;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace Keygate.Tests.Notices;

/// <summary>A provider's side that tells the world outside, and a receiver over a socket.</summary>
internal sealed class NoticesHouse : IAsyncDisposable
{
    public const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    private NoticesHouse(OrdersHouse house, WebhookReceiver receiver) => (House, Receiver) = (house, receiver);

    public OrdersHouse House { get; }

    public WebhookReceiver Receiver { get; }

    /// <summary>What the receiver was sent, in order: the message's id and its type.</summary>
    public IReadOnlyList<string> Heard => [.. Receiver.Calls.Select(c => $"{c.Headers["webhook-id"]} {(string?)JsonNode.Parse(c.Text)!["type"]}")];

    public static async Task<NoticesHouse> StartAsync(Engine engine) =>
        new(await OrdersHouse.StartAsync(engine, new HouseSettings { Notices = true }), await WebhookReceiver.StartAsync());

    public async Task<int> WebhookAsync(params string[] topics) => (int)(await House.PostAsync("webhooks", new JsonObject
    {
        ["name"] = $"Panel for {string.Join(' ', topics)}", ["url"] = $"{Receiver.Url}&topics={topics[0]}", ["secret"] = Secret, ["topics"] = new JsonArray([.. topics.Select(t => (JsonNode)t)]),
    }))["webhook"]!["id"]!;

    public Task<JsonNode> ShowAsync(int webhook) => House.GetAsync($"webhooks/{webhook}");

    /// <summary>Answers one status to messages of a type, 204 to all others.</summary>
    public void Refuses(string type, int status) => Receiver.Answer = http =>
    {
        http.Response.StatusCode = Receiver.Calls.Last().Text.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal) ? status : StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    /// <summary>Writes news as a room does, in a transaction of its own.</summary>
    public Task TellAsync(string topic, string subject) => House.Database.WriteAsync(async tx =>
    {
        await House.Get<Outbox>().AddAsync(tx, topic, subject, "{\"id\":1}", CancellationToken.None);
        return 0;
    }, CancellationToken.None);

    /// <summary>Looks at the webhook until it fits.</summary>
    public async Task<JsonNode> UntilAsync(int webhook, Func<JsonNode, bool> fits)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var shown = await ShowAsync(webhook);
            if (fits(shown))
            {
                return shown;
            }

            over.IsCancellationRequested.ShouldBeFalse($"{shown.ToJsonString()}\n{string.Join('\n', Heard)}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>All that happened up to now is an event, and the webhook has sent it or stands still.</summary>
    public async Task<JsonNode> SettledAsync(int webhook)
    {
        await House.Get<NewsForwarder>().ForwardAsync(CancellationToken.None);
        return await UntilAsync(webhook, w => (string)w["state"]! != "Active" || (long)w["behind"]! == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
