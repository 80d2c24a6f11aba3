using System.Text.Json.Nodes;
using Keygate.Installers;
using Keygate.Issuers;
using Keygate.Storage;
using Shouldly;

namespace Keygate.Tests.Orders.Subscriptions;

/// <summary>Orders with the simulated issuer and installer, which can do all that there is.</summary>
internal sealed class SandboxLife(OrdersHouse house, int plan) : IAsyncDisposable
{
    public OrdersHouse House => house;

    public int Plan => plan;

    public static async Task<SandboxLife> StartAsync(Engine engine, string script = "", Action<JsonObject>? planned = null)
    {
        var house = await OrdersHouse.StartAsync(engine, new SimulatedFactory(), new SimulatedInstallerFactory());
        var issuer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Sandbox", ["kind"] = "issuer.simulated", ["settings"] = new JsonObject { ["script"] = script } }))["id"]!;
        var installer = (int)(await house.PostAsync("plugins", new JsonObject { ["name"] = "Machines", ["kind"] = "installer.simulated" }))["id"]!;
        await house.PostAsync("resources", new JsonObject { ["command"] = "DISK", ["name"] = "Disk space", ["category"] = "Hosting" });
        return new SandboxLife(house, await house.PlanAsync(p =>
        {
            (p["issuerId"], p["installerId"]) = (issuer, installer);
            planned?.Invoke(p);
        }));
    }

    public async Task<(int Subscription, int License)> SoldAsync(string? addOn = null, Action<JsonObject>? change = null)
    {
        var order = await house.UntilStateAsync(
            await house.PaidAsync(plan, o =>
            {
                o["resources"] = addOn is null ? new JsonArray(Hosting.Plesk, Hosting.Domains30) : new JsonArray(Hosting.Plesk, Hosting.Domains30, addOn);
                change?.Invoke(o);
            }), "CP");
        return ((int)order["subscriptionId"]!, (int)order["licenses"]![0]!["id"]!);
    }

    /// <summary>Looks at a license until it fits; the clock moves on so far between two looks.</summary>
    public Task<JsonNode> UntilAsync(int license, Func<JsonNode, bool> fits, TimeSpan? meanwhile = null) => UntilAsync($"licenses/{license}", fits, meanwhile ?? TimeSpan.FromSeconds(1));

    /// <summary>Looks at the change of a license until it is done, and all that left with it has ended.</summary>
    public Task<JsonNode> UntilChangedAsync(int license) => UntilAsync($"licenses/{license}/change", c => (string)c["state"]! == "done", TimeSpan.FromSeconds(5));

    public Task<JsonNode> UntilSubscriptionAsync(int subscription, Func<JsonNode, bool> fits) => UntilAsync($"subscriptions/{subscription}", fits, TimeSpan.FromSeconds(1));

    public async Task<IReadOnlyList<string>> WhatAsync(int license) => [.. (await house.GetAsync($"licenses/{license}/history"))["items"]!.AsArray().Select(h => (string)h!["what"]!)];

    private async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> fits, TimeSpan meanwhile)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var found = await house.GetAsync(path);
            if (fits(found))
            {
                return found;
            }

            over.IsCancellationRequested.ShouldBeFalse(found.ToJsonString());
            house.Time.Advance(meanwhile);
            await Task.Delay(20);
        }
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();
}
