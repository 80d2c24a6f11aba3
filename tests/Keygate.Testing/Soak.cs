using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keygate.Storage;

namespace Keygate.Testing;

/// <summary>A provider to soak: its REST, its database and its clock, with a customer, an installer, and what an order names.</summary>
/// <param name="PostAsync">Posts to a path below the REST's root and expects that it is accepted.</param>
/// <param name="GetAsync">Gets a path.</param>
/// <param name="Database">Its database.</param>
/// <param name="Time">Its clock, which the soak moves.</param>
/// <param name="Customer">Who orders.</param>
/// <param name="Installer">The installer plug-in.</param>
/// <param name="Resources">What each order names; the first is a class.</param>
public sealed record SoakHouse(
    Func<string, JsonNode?, Task<JsonNode>> PostAsync, Func<string, Task<JsonNode>> GetAsync, Database Database, ManualTime Time, int Customer, int Installer,
    IReadOnlyList<string> Resources);

/// <summary>How much and how bad.</summary>
public sealed record SoakSettings
{
    /// <summary>Orders beside the first, which proves that the issuer can be searched.</summary>
    public required int Orders { get; init; }

    /// <summary>The file in which the issuer keeps its books.</summary>
    public required string Journal { get; init; }

    /// <summary>The file in which a bad installer keeps its books; null where the house's own, which does all it is told, is to be used.</summary>
    public string? InstallerJournal { get; init; }

    /// <summary>The issuer's kind: the simulated one, or a mutant of it.</summary>
    public string Kind { get; init; } = "issuer.simulated";

    /// <summary>The same seed brings the same mishaps.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Requests of a hundred: 5 get no answer in time (one of these makes its key late), 2 lose their answer, 1 is refused, 1 can't be sent, 1 makes two keys.</summary>
    public IReadOnlyDictionary<string, string> Mishaps { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["stall"] = "4", ["answerLate"] = "1", ["loseAnswer"] = "2", ["refuse"] = "1", ["notDone"] = "1", ["answerTwice"] = "1",
    };

    /// <summary>Installations of a hundred: 5 get no answer in time (one of these is done late), 2 lose their answer, 1 is refused, 1 can't be sent, 1 arrives twice.</summary>
    public IReadOnlyDictionary<string, string> InstallerMishaps { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["stall"] = "4", ["answerLate"] = "1", ["loseAnswer"] = "2", ["refuse"] = "1", ["notDone"] = "1", ["answerTwice"] = "1",
    };

    /// <summary>How long all of it may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>What a soak found. The issuer's own books are the witness, not what Keygate believes.</summary>
public sealed record SoakReport
{
    /// <summary>Paid orders.</summary>
    public required int Orders { get; init; }

    /// <summary>Orders that are complete.</summary>
    public required int Completed { get; init; }

    /// <summary>Orders whose item failed.</summary>
    public required int Failed { get; init; }

    /// <summary>Items that need attention since the installer refused; the issuer has refused the others.</summary>
    public required int InstallerRefused { get; init; }

    /// <summary>Files that are in place, by the installer's books.</summary>
    public required int FilesInPlace { get; init; }

    /// <summary>Keys that the issuer ever made.</summary>
    public required int KeysMade { get; init; }

    /// <summary>Those that live.</summary>
    public required int KeysLive { get; init; }

    /// <summary>Items that need attention.</summary>
    public required int Attention { get; init; }

    /// <summary>Paid orders that came to no end, or whose license, key or file isn't there.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Live keys that cost money in addition.</summary>
    public required IReadOnlyList<string> Twice { get; init; }

    /// <summary>Failures that nobody is told of, or that are told without being any.</summary>
    public required IReadOnlyList<string> Silent { get; init; }

    /// <summary>All that must not be.</summary>
    public IReadOnlyList<string> Faults => [.. Lost.Select(l => "lost: " + l), .. Twice.Select(t => "twice: " + t), .. Silent.Select(s => "silent: " + s)];

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Orders} orders paid, {Completed} complete, {Failed} failed, {Attention} need attention ({InstallerRefused} by the installer); {KeysMade} keys made, {KeysLive} live; {FilesInPlace} files in place; {Lost.Count} lost, {Twice.Count} twice, {Silent.Count} silent");
}

/// <summary>
/// Many paid orders at an issuer and an installer that stall, lose answers, answer late, act twice, refuse: each must end installed or as an item that
/// needs attention with its cause, and no request may have two live keys.
/// </summary>
public static class Soak
{
    /// <summary>What the issuer says to a request that it refuses by chance.</summary>
    public const string RefusedByChance = "Simulated issuer: 244 Refused by chance";

    /// <summary>What the installer says to an installation that it refuses by chance.</summary>
    public const string NoSpaceByChance = "Simulated installer: 28 No space is left, by chance";

    /// <summary>Runs one.</summary>
    public static async Task<SoakReport> RunAsync(SoakHouse house, SoakSettings settings)
    {
        await PayAsync(house, settings);
        await EndedAsync(house, settings);
        return await CheckAsync(house, settings.Journal, settings.InstallerJournal);
    }

    /// <summary>Adds a plug-in that keeps its books in a journal; its number.</summary>
    public static async Task<int> SandboxAsync(SoakHouse house, string kind, IEnumerable<KeyValuePair<string, string>> settings) => (int)(await house.PostAsync("plugins", new JsonObject
    {
        ["name"] = $"Sandbox {kind}", ["kind"] = kind, ["settings"] = new JsonObject(settings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
    }))["id"]!;

    /// <summary>Adds a plan over an issuer and an installer; its number.</summary>
    public static async Task<int> PlanAsync(SoakHouse house, int issuer, int installer) => (int)(await house.PostAsync("plans", new JsonObject
    {
        ["name"] = "Soak",
        ["currency"] = "EUR",
        ["hostingGate"] = "Dummy",
        ["issuerId"] = issuer,
        ["installerId"] = installer,
        ["periods"] = new JsonArray(new JsonObject { ["period"] = 1, ["periodType"] = "month", ["subscriptionFee"] = 990, ["renewalFee"] = 990 }),
        ["rates"] = new JsonArray([.. house.Resources.Select(r => new JsonObject { ["resource"] = r, ["recurringFee"] = 250 })]),
    }))["id"]!;

    /// <summary>An order that was placed and paid.</summary>
    public static async Task<int> PaidAsync(SoakHouse house, int plan)
    {
        var order = await house.PostAsync("orders", new JsonObject
        {
            ["customerId"] = house.Customer, ["planId"] = plan, ["resources"] = new JsonArray([.. house.Resources.Select(r => JsonValue.Create(r))]),
        });
        await house.PostAsync($"orders/{order["id"]}/pay", new JsonObject { ["amount"] = (long)order["total"]!, ["currency"] = "EUR", ["reference"] = "soak" });
        return (int)order["id"]!;
    }

    /// <summary>Compares the orders with the books of the issuer, and of the installer where it keeps any.</summary>
    public static async Task<SoakReport> CheckAsync(SoakHouse house, string journal, string? installerJournal = null)
    {
        var (lost, twice, silent) = (new List<string>(), new List<string>(), new List<string>());
        var rows = await house.Database.ReadAsync(s => s.QueryAsync<Row>(
            """
            select o.id as order_id, o.state, l.id as license_id, l.key_number, l.status,
              (select count(*) from license_files f where f.license_id = l.id) as files
            from orders o join provisioning_items i on i.order_id = o.id and i.kind = 'License' left join licenses l on l.id = i.license_id order by o.id
            """, null, default), default);

        // The last line of a number is how it stands.
        var keys = (await LinesAsync(journal)).GroupBy(k => (string)k["Number"]!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var live = keys.Where(k => !(bool)k.Value["Terminated"]!).ToDictionary(k => k.Key, k => (string)k.Value["Trace"]!, StringComparer.Ordinal);
        var attention = await AttentionAsync(house);
        var told = attention.Where(a => a["orderId"] is not null).ToLookup(a => (int)a["orderId"]!, a => (string?)a["cause"] ?? "");

        foreach (var row in rows)
        {
            var order = string.Create(CultureInfo.InvariantCulture, $"order {row.OrderId} ({row.State}), license {row.LicenseId} ({row.Status}), key {row.KeyNumber}, {row.Files} files");
            if (row.State is not ("CP" or "PF") || (row.State == "CP" && row is not { KeyNumber: not null, Status: "Installed", Files: > 0 }))
            {
                lost.Add(order);
            }
            else if (row.KeyNumber is { } number && !live.ContainsKey(number))
            {
                lost.Add(order + ": the issuer has no such live key");
            }

            // The issuer refuses before there is a key, the installer once there is one with its file.
            var refusal = row.KeyNumber is null ? RefusedByChance : NoSpaceByChance;
            if (row.State == "PF" && !told[row.OrderId].Any(cause => cause.Contains(refusal, StringComparison.Ordinal)))
            {
                silent.Add(order + $": nobody is told that '{refusal}'");
            }
        }

        var held = rows.Where(r => r.KeyNumber is not null).ToLookup(r => r.KeyNumber!, StringComparer.Ordinal);
        twice.AddRange(held.Where(h => h.Count() > 1).Select(h => $"key {h.Key} of {h.Count()} licenses"));
        twice.AddRange(live.Where(k => !held.Contains(k.Key)).Select(k => $"key {k.Key} with trace {k.Value} lives and belongs to no license"));
        twice.AddRange(live.GroupBy(k => k.Value, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"{g.Count()} live keys with trace {g.Key}"));
        var failed = rows.Where(r => r.State == "PF").Select(r => r.OrderId).ToHashSet();
        silent.AddRange(attention.Where(a => a["orderId"] is not { } of || !failed.Contains((int)of)).Select(a => "told without a refusal: " + a.ToJsonString()));
        silent.AddRange(told.Where(t => t.Count() > 1).Select(t => $"order {t.Key} is told of {t.Count()} times"));
        var files = installerJournal is null ? 0 : await CheckFilesAsync(house, installerJournal, lost, twice);
        return new SoakReport
        {
            Orders = rows.Count, Completed = rows.Count(r => r.State == "CP"), Failed = failed.Count, KeysMade = keys.Count, KeysLive = live.Count,
            Attention = attention.Count, InstallerRefused = told.Count(t => t.Any(cause => cause.Contains(NoSpaceByChance, StringComparison.Ordinal))),
            FilesInPlace = files, Lost = lost, Twice = twice, Silent = silent,
        };
    }

    // A file may be in place although its order failed: an earlier try has put it there and its answer was lost. What is in place is always what was fetched.
    private static async Task<int> CheckFilesAsync(SoakHouse house, string journal, List<string> lost, List<string> twice)
    {
        var fetched = await house.Database.ReadAsync(s => s.QueryAsync<FileRow>(
            "select l.key_number, l.status, f.content from license_files f join licenses l on l.id = f.license_id", null, default), default);
        var hashes = fetched.ToDictionary(f => f.KeyNumber, f => Convert.ToHexString(SHA256.HashData(f.Content)), StringComparer.Ordinal);
        var places = (await LinesAsync(journal)).GroupBy(f => (string)f["Place"]!, StringComparer.Ordinal).Select(g => g.Last()).ToLookup(f => (string)f["KeyNumber"]!, StringComparer.Ordinal);
        lost.AddRange(fetched.Where(f => f.Status == "Installed" && !places.Contains(f.KeyNumber)).Select(f => $"the file of key {f.KeyNumber} is not in place"));
        lost.AddRange(places.Where(p => p.Any(f => hashes.GetValueOrDefault(p.Key) != (string)f["Sha256"]!)).Select(p => $"what is in place for key {p.Key} is not what was fetched"));
        twice.AddRange(places.Where(p => p.Count() > 1).Select(p => $"the file of key {p.Key} is in {p.Count()} places"));
        return places.Count;
    }

    private static async Task PayAsync(SoakHouse house, SoakSettings settings)
    {
        // The first key proves that this issuer can be searched; before that, an absence would wait for a person. What must be seen once is not left to chance.
        KeyValuePair<string, string> seed = new("seed", settings.Seed.ToString(CultureInfo.InvariantCulture));
        var answerTwice = settings.Mishaps.GetValueOrDefault("answerTwice") is null or "0" ? "" : "\nissue 3: answer-twice";
        var issuer = await SandboxAsync(house, settings.Kind, [.. settings.Mishaps, seed, new("journal", settings.Journal), new("script", $"issue 1: done\nissue 2: refuse{answerTwice}")]);
        var installer = settings.InstallerJournal is not { } journal ? house.Installer : await SandboxAsync(
            house, "installer.simulated", [.. settings.InstallerMishaps, seed, new("journal", journal), new("script", "install 1: done\ninstall 2: refuse\ninstall 3: lose-answer")]);
        var plan = await PlanAsync(house, issuer, installer);
        var first = await PaidAsync(house, plan);
        for (var i = 0; (string?)(await house.GetAsync($"orders/{first}"))["state"] != "CP"; i++)
        {
            await Task.Delay(i < 1200 ? 50 : throw new InvalidOperationException("The first order was not completed within a minute."));
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, settings.Orders), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await PaidAsync(house, plan));
    }

    // What waits for a look or a repeat waits for the clock, which moves only while nothing can be done without: a slow machine must use up nobody's time.
    private static async Task EndedAsync(SoakHouse house, SoakSettings settings)
    {
        using var over = new CancellationTokenSource(settings.Patience);
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(100, CancellationToken.None);
            if (await house.Time.AnyAsync(house.Database, recurring: false))
            {
                continue;
            }

            var open = await CountAsync(house, "select count(*) from work where kind = 'licensing.provision' and state not in ('done', 'stopped', 'cancelled')");
            var begun = await CountAsync(house, "select count(*) from licenses");

            // An hour after its issue each request is looked for a second time, and what was made in addition is ended.
            var looks = await CountAsync(
                house, "select (select count(*) from surplus_looks) + (select count(*) from work where kind like '%surplus%' and kind not like 'recurring/%' and state not in ('done', 'stopped', 'cancelled'))");
            if (open == 0 && begun == settings.Orders + 1 && looks == 0)
            {
                return;
            }

            house.Time.Advance(open == 0 ? TimeSpan.FromMinutes(15) : TimeSpan.FromSeconds(30));
        }
    }

    private static Task<long> CountAsync(SoakHouse house, string query) => house.Database.ReadAsync(s => s.GetAsync<long>(query, null, default), default);

    // The plug-in may be at it: it is read without a lock, which leaves a line that is just being written out.
    private static async Task<IEnumerable<JsonNode>> LinesAsync(string journal)
    {
        await using var file = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = await reader.ReadToEndAsync();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
    }

    private static async Task<List<JsonNode>> AttentionAsync(SoakHouse house)
    {
        var all = new List<JsonNode>();
        string? next = null;
        do
        {
            var page = await house.GetAsync("attention?limit=500" + (next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}"));
            all.AddRange(page["items"]!.AsArray().Select(i => i!));
            next = (string?)page["next"];
        }
        while (next is not null);
        return all;
    }

    private sealed class Row
    {
        public int OrderId { get; init; }
        public string State { get; init; } = "";
        public int? LicenseId { get; init; }
        public string? KeyNumber { get; init; }
        public string? Status { get; init; }
        public long Files { get; init; }
    }

    private sealed class FileRow
    {
        public string KeyNumber { get; init; } = "";
        public string Status { get; init; } = "";
        public byte[] Content { get; init; } = [];
    }
}
