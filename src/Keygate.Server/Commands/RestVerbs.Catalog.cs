using System.CommandLine;
using System.Text.Json.Nodes;

namespace Keygate.Server;

/// <summary>The verbs of the catalog: every kind of entry is added, listed, shown, archived and put back in the same way.</summary>
internal static partial class RestVerbs
{
    private static Command Catalog()
    {
        var file = Input("The catalog file.");
        var preview = new Option<bool>("--preview") { Description = "Only tell what would change." };
        return Group("catalog", "The catalog of license classes.",
            Verb("import", "Makes the catalog what a file says.", [file, preview], p => RestCall.Send(HttpMethod.Put, p.GetValue(preview) ? "catalog?preview=true" : "catalog", Bytes(p.GetValue(file)!))),
            Verb("check", "Checks all plans: tries every order that they let through against what the issuers' accounts offer. 'plan check' says more of one.", [],
                _ => RestCall.Get("catalog/check", [("limit", 500)]), columns: ["id", "name", "published", "passes", "combinations", "failing", "cause"],
                refusal: answer => answer?["items"]?.AsArray().Any(plan => (bool?)plan?["passes"] == false) == true ? ServerErrors.PlanWouldFail : null),
            File("export", "Saves the catalog as a file.", [], _ => RestCall.Get("catalog")),
            Classes(), Features(), Groups(), AddOns(), Upgrades());
    }

    private static Command Classes()
    {
        var name = Required("--name", "The name, with version.");
        var product = Text("--product", "The product.");
        var version = Text("--version-name", "The product's version.");
        var description = Text("--description", "What it is.");
        var bill = Required("--bill-type", "Lease or Purchase.");
        var additional = new Option<bool>("--additional") { Description = "It hangs on another class." };
        var renewed = new Option<bool>("--renewed-automatically") { Description = "Its licenses are renewed by themselves." };
        var aps = Text("--aps-license-type", "The APS license type.");
        var activation = Text("--activation", "What its keys are activated for: None, HardwareId or Instance.");
        var features = Many("--feature", "A feature that the class has. May be repeated.");
        return Entries("class", "License classes.", "license-classes", ["key-type"], [name, product, version, description, bill, additional, renewed, aps, activation, features], (codes, p) => new JsonObject
        {
            ["keyType"] = codes[0], ["name"] = p.GetValue(name), ["product"] = p.GetValue(product), ["version"] = p.GetValue(version), ["description"] = p.GetValue(description),
            ["billType"] = p.GetValue(bill), ["isAdditional"] = p.GetValue(additional), ["renewedAutomatically"] = p.GetValue(renewed), ["apsLicenseType"] = p.GetValue(aps),
            ["activation"] = p.GetValue(activation), ["features"] = Array(p.GetValue(features)),
        }, "keyType", "name", "billType", "isAdditional");
    }

    private static Command Features()
    {
        var name = Required("--name", "The name.");
        var group = Text("--group", "The feature group; none where the feature excludes no other.");
        var sort = new Option<int>("--sort") { Description = "Its place in the group: it may be upgraded to the same or a higher one." };
        var classes = Many("--class", "A license class that has it. May be repeated.");
        return Entries("feature", "Features.", "features", ["id"], [name, group, sort, classes], (codes, p) => new JsonObject
        {
            ["id"] = codes[0], ["name"] = p.GetValue(name), ["group"] = p.GetValue(group), ["sort"] = p.GetValue(sort), ["classes"] = Array(p.GetValue(classes)),
        }, "id", "name", "group", "sort");
    }

    private static Command Groups()
    {
        var description = Required("--description", "Its name for people.");
        var sort = new Option<int>("--sort") { Description = "Its place among the groups." };
        var mandatory = new Option<bool>("--mandatory") { Description = "A license must have one of its features." };
        return Entries("group", "Feature groups: a license has one feature of each at most.", "feature-groups", ["id"], [description, sort, mandatory], (codes, p) => new JsonObject
        {
            ["id"] = codes[0], ["description"] = p.GetValue(description), ["sort"] = p.GetValue(sort), ["mandatory"] = p.GetValue(mandatory),
        }, "id", "description", "sort", "mandatory");
    }

    private static Command AddOns() => Entries(
        "add-on", "Which additional license class goes with which main one.", "add-ons", ["parent", "add-on"], [],
        (codes, _) => new JsonObject { ["parent"] = codes[0], ["addOn"] = codes[1] }, "parent", "addOn");

    private static Command Upgrades()
    {
        var plan = Required("--plan", "The issuer's upgrade plan.");
        var description = Text("--description", "What it is.");
        var downgrade = new Option<bool>("--downgrade") { Description = "It leads down and not up." };
        var disabled = new Option<bool>("--disabled") { Description = "It is known and must not be sold." };
        return Entries("upgrade", "What may be turned into what.", "upgrade-options", ["from", "to"], [plan, description, downgrade, disabled], (codes, p) => new JsonObject
        {
            ["from"] = codes[0], ["to"] = codes[1], ["plan"] = p.GetValue(plan), ["description"] = p.GetValue(description),
            ["type"] = p.GetValue(downgrade) ? "Downgrade" : "Upgrade", ["enabled"] = !p.GetValue(disabled),
        }, "from", "to", "plan", "type", "enabled");
    }

    private static Command Entries(
        string name, string description, string path, IReadOnlyList<string> codes, IReadOnlyList<Option> options, Func<IReadOnlyList<string>, ParseResult, JsonObject> body, params string[] columns)
    {
        var arguments = codes.Select(code => new Argument<string>(code) { Description = "The code." }).ToList();
        var archived = new Option<bool>("--archived") { Description = "Those that were archived." };
        string At(ParseResult p, string verb) => $"{path}/{string.Join('/', Given(p).Select(Uri.EscapeDataString))}{verb}";
        return Group(name, description,
            List("list", "Lists them.", path, [archived], p => [("archived", p.GetValue(archived) ? true : null)], columns),
            Verb("show", "Shows one.", arguments, p => RestCall.Get(At(p, ""))),
            Verb("add", "Adds one.", [.. arguments, .. options], p => RestCall.Post(path, body(Given(p), p).WithoutNulls())),
            Verb("archive", "Takes one out of use.", arguments, p => RestCall.Post(At(p, "/archive"))),
            Verb("put-back", "Puts an archived one back.", arguments, p => RestCall.Post(At(p, "/put-back"))));

        IReadOnlyList<string> Given(ParseResult p) => [.. arguments.Select(a => p.GetValue(a)!)];
    }

    private static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };
}
