using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Keygate.Kernel;

namespace Keygate.Server;

/// <summary>The verbs that ask a server: one line each for what they send and what they show.</summary>
internal static partial class RestVerbs
{
    private static readonly string[] None = [];

    public static IEnumerable<Command> All() =>
    [
        Orders(), Licenses(), Attention(), Catalog(), Plugins(), Plans(), Subscriptions(), Customers(), Invoices(), Staff(), Tokens(), AuditTrail(), Webhooks(), Events(), Mails(), KeyServer(),
    ];

    private static Command Orders()
    {
        var id = Id("The order's number.");
        var customer = new Option<int>("--customer") { Description = "The customer's number.", Required = true };
        var plan = new Option<int>("--plan") { Description = "The plan's number.", Required = true };
        var period = new Option<int?>("--period") { Description = "The plan period's number; the plan's first where none is named." };
        var resources = Many("--resource", "A resource to order, such as a key type or feature: NAME or NAME=QUANTITY. May be repeated.");
        var subscription = Text("--subscription", "The subscription's name, such as its domain.");
        var target = Text("--target", "Where the license is installed; the subscription's name where none is given.");
        var ip = Many("--ip", "An address that the license is bound to. May be repeated.");
        var hardware = Text("--hardware-id", "Activation data, where the class asks for it.");
        var instance = Text("--instance", "Activation data, where the class asks for it.");
        var comment = Text("--comment", "A note.");
        var draft = new Option<bool>("--draft") { Description = "Place the order without opening it." };
        var place = Verb("place", "Places an order.", [customer, plan, period, resources, subscription, target, ip, hardware, instance, comment, draft], p => RestCall.Post("orders", new JsonObject
        {
            ["customerId"] = p.GetValue(customer), ["planId"] = p.GetValue(plan), ["planPeriodId"] = p.GetValue(period),
            ["resources"] = new JsonArray([.. (p.GetValue(resources) ?? []).Select(Resource)]),
            ["subscriptionName"] = p.GetValue(subscription), ["target"] = p.GetValue(target), ["ipAddresses"] = Array(p.GetValue(ip)),
            ["activation"] = Activation(p.GetValue(hardware), p.GetValue(instance)), ["comment"] = p.GetValue(comment), ["open"] = p.GetValue(draft) ? false : null,
        }.WithoutNulls()));

        var state = Text("--state", "Only orders in this state, such as PR.");
        var ofCustomer = new Option<int?>("--customer") { Description = "Only this customer's orders." };
        var ofSubscription = new Option<int?>("--subscription") { Description = "Only this subscription's orders." };
        var list = List("list", "Lists orders.", "orders", [state, ofCustomer, ofSubscription],
            p => [("state", p.GetValue(state)), ("customerId", p.GetValue(ofCustomer)), ("subscriptionId", p.GetValue(ofSubscription))],
            "id", "state", "customerId", "planId", "subscriptionId", "total", "paid", "currency", "createdAt");

        var minutes = new Option<int?>("--minutes") { Description = "Only those that have not moved for so long; 15 where none is named." };

        var amount = new Option<long>("--amount") { Description = "What was received, in minor units (cents).", Required = true };
        var currency = new Option<string>("--currency") { Description = "The order's currency.", Required = true };
        var reference = Text("--reference", "The bank's or provider's reference.");
        var note = Text("--note", "A note.");
        var pay = Verb("pay", "Records a payment by hand.", [id, amount, currency, reference, note], p => RestCall.Post($"orders/{p.GetValue(id)}/pay", new JsonObject
        {
            ["amount"] = p.GetValue(amount), ["currency"] = p.GetValue(currency), ["reference"] = p.GetValue(reference), ["note"] = p.GetValue(note),
        }.WithoutNulls()));

        return Group("order", "Orders.", place, Verb("show", "Shows an order.", [id], p => RestCall.Get($"orders/{p.GetValue(id)}")), pay,
            Reasoned("cancel", "Cancels an order.", "orders", id), Reasoned("open", "Opens an order that was placed as a draft.", "orders", id),
            Reasoned("hold", "Holds an order.", "orders", id), Reasoned("approve", "Approves an order that waits for it.", "orders", id),
            Verb("resubmit", "Goes on with an order that stopped.", [id], p => RestCall.Post($"orders/{p.GetValue(id)}/resubmit")),
            List("stalled", "Lists paid orders that do not come to an end.", "orders/stalled", [minutes], p => [("minutes", p.GetValue(minutes))],
                "id", "state", "customerId", "since", "ageMinutes", "nextStep"),
            Verb("timeline", "Shows what happened to an order.", [id], p => RestCall.Get($"orders/{p.GetValue(id)}/timeline")), list);
    }

    private static Command Licenses()
    {
        var syncIds = new Argument<int[]>("licenses") { Description = "Numbers of licenses.", Arity = ArgumentArity.ZeroOrMore };
        var allOf = new Option<bool>("--all") { Description = "All licenses." };
        var syncIssuer = new Option<int?>("--issuer") { Description = "Only those of this issuer plug-in." };
        var field = new Option<string>("--field") { Description = "What differs, such as ExpirationDate, Features, State or AdditionalLicense.", Required = true };
        var cure = new Option<string>("--cure") { Description = "Take, Restore or Ignore.", Required = true };
        var differingKey = Text("--key", "The additional key that is meant, where several differ.");
        var syncReason = Text("--reason", "Why; needed to ignore.");
        var run = new Argument<int>("run") { Description = "The comparison's number." };
        var stray = new Argument<int>("stray") { Description = "The stray key's number." };
        var strayReason = new Option<string>("--reason") { Description = "Why.", Required = true };
        var id = Id("The license's number.");
        var keyType = new Option<string>("--key-type") { Description = "The license class.", Required = true };
        var features = Many("--feature", "A feature. May be repeated.");
        var addOns = Many("--add-on", "An additional class. May be repeated.");
        var issuer = new Option<int>("--issuer") { Description = "The issuer plug-in's number.", Required = true };
        var installer = new Option<int?>("--installer") { Description = "The installer plug-in's number." };
        var target = Text("--target", "Where it is installed; empty for a license that is to be stock.");
        var ip = Many("--ip", "An address that the license is bound to. May be repeated.");
        var hardware = Text("--hardware-id", "Activation data, where the class asks for it.");
        var instance = Text("--instance", "Activation data, where the class asks for it.");
        var request = Verb("request", "Writes a license request.", [keyType, features, addOns, issuer, installer, target, ip, hardware, instance], p => RestCall.Post("licenses", new JsonObject
        {
            ["keyType"] = p.GetValue(keyType), ["features"] = Array(p.GetValue(features)), ["addOns"] = Array(p.GetValue(addOns)),
            ["issuer"] = p.GetValue(issuer), ["installer"] = p.GetValue(installer), ["target"] = p.GetValue(target), ["ipAddresses"] = Array(p.GetValue(ip)),
            ["activation"] = Activation(p.GetValue(hardware), p.GetValue(instance)),
        }.WithoutNulls()));

        var adopted = new Option<string>("--key") { Description = "The key number that stands at the issuer.", Required = true };
        var status = Text("--status", "Only licenses with this status, such as Installed.");
        var ofKeyType = Text("--key-type", "Only licenses of this class.");
        var number = Text("--key-number", "Only the license with this key number.");
        var ofCustomer = new Option<int?>("--customer") { Description = "Only this customer's licenses." };
        var ofSubscription = new Option<int?>("--subscription") { Description = "Only this subscription's licenses." };
        var assignment = Text("--assignment", "Only licenses that are Stock, a Subscription's, or NotAssigned.");
        var list = List("list", "Lists licenses.", "licenses", [status, ofKeyType, number, ofCustomer, ofSubscription, assignment],
            p => [("status", p.GetValue(status)), ("keyType", p.GetValue(ofKeyType)), ("keyNumber", p.GetValue(number)), ("customerId", p.GetValue(ofCustomer)), ("subscriptionId", p.GetValue(ofSubscription)), ("assignment", p.GetValue(assignment))],
            "id", "status", "keyNumber", "keyType", "billType", "customer", "subscription", "assignment", "expirationDate");

        var files = new Argument<string[]>("files") { Description = "License files, or a ZIP of them, named by key number.", Arity = ArgumentArity.OneOrMore };
        var keyNumber = Text("--key-number", "The key number of a single file, where neither it nor its name tells it.");
        var keys = Many("--key", "The key type of a key: NUMBER=KEYTYPE, where the files do not tell it; or its license: NUMBER=#LICENSE. May be repeated.");
        var forLicenses = new Option<int[]>("--id") { Description = "A license's number. May be repeated.", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Put these in the place of an earlier upload." };
        var where = new Option<string>("--where") { Description = "The machine or instance, or the person it was given to.", Required = true };
        var who = Text("--who", "Who did it; you where nobody is named.");
        var when = Text("--when", "When, such as 2026-02-03T10:00:00Z; now where nothing is given.");
        var toSubscription = new Option<int>("--subscription") { Description = "The subscription's number.", Required = true };
        var ofIssuer = new Option<int?>("--issuer") { Description = "Only requests to this issuer plug-in." };
        var ids = new Option<int[]>("--id") { Description = "Only this license's request. May be repeated." };
        var renewedFile = new Option<string>("--file") { Description = "The renewed license file.", Required = true };
        var expires = Text("--expires", "First day without a valid license, such as 2026-04-11, where the file does not tell it.");
        var updates = Text("--updates", "First day on which the next renewed file may be asked for.");
        var days = new Option<int?>("--days") { Description = "How many days ahead; 30 where none is named." };
        var why = new Option<string>("--reason") { Description = "Why; it stands in the history.", Required = true };
        var toClass = Text("--to-class", "The class that it is to have; the present one where none is named.");
        var noFeatures = new Option<bool>("--no-features") { Description = "It is to have no features; without this and --feature it keeps those that it has." };
        var noAddOns = new Option<bool>("--no-add-ons") { Description = "It is to have no additional licenses; without this and --add-on it keeps those that it has." };
        var atEnd = new Option<bool>("--at-period-end") { Description = "It takes effect when the subscription's period ends, not now." };
        var token = new Option<string>("--token") { Description = "The token of the preview.", Required = true };
        JsonObject Change(ParseResult p) => new JsonObject
        {
            ["keyType"] = p.GetValue(toClass), ["features"] = p.GetValue(noFeatures) ? new JsonArray() : Array(p.GetValue(features)),
            ["addOns"] = p.GetValue(noAddOns) ? new JsonArray() : Array(p.GetValue(addOns)), ["when"] = p.GetValue(atEnd) ? "PeriodEnd" : null,
        }.WithoutNulls();
        var zip = new Option<bool>("--zip") { Description = "All files in a ZIP, named by key number." };
        return Group("license", "Licenses.", list, Verb("show", "Shows a license.", [id], p => RestCall.Get($"licenses/{p.GetValue(id)}")), request,
            Verb("issue", "Asks the issuer for the key.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/issue")),
            Verb("activate", "Activates a key for a machine.", [id, hardware, instance], p => RestCall.Post($"licenses/{p.GetValue(id)}/activate", Activation(p.GetValue(hardware), p.GetValue(instance)) ?? [])),
            Verb("adopt-key", "Names the key that a request without an answer made.", [id, adopted], p => RestCall.Post($"licenses/{p.GetValue(id)}/adopt-key", new JsonObject { ["keyNumber"] = p.GetValue(adopted) })),
            Verb("confirm-no-key", "Confirms that a request without an answer made no key; it is asked for again.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/confirm-no-key")),
            Verb("retrieve", "Fetches the license file.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/retrieve")),
            Verb("install", "Installs the license file.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/install")),
            Verb("upload", "Uploads keys and files for a license request: license files, or a ZIP of them.", [id, files, keyNumber, keys, expires, replace], p => RestCall.Post(
                $"licenses/{p.GetValue(id)}/upload", Upload(p.GetValue(files)!, p.GetValue(keyNumber), p.GetValue(keys), p.GetValue(expires), p.GetValue(replace)))),
            Verb("upload-requests", "Uploads keys and files for several license requests at once.", [forLicenses, files, keys, expires, replace], p =>
            {
                var body = Upload(p.GetValue(files)!, null, p.GetValue(keys), p.GetValue(expires), p.GetValue(replace));
                body["licenses"] = new JsonArray([.. p.GetValue(forLicenses)!.Select(l => (JsonNode)l)]);
                return RestCall.Post("license-requests/upload", body);
            }),
            Verb("upload-new", "Makes a license of keys and files that were obtained elsewhere.", [files, keyType, features, addOns, issuer, installer, target, ip, keyNumber, keys, expires], p =>
            {
                var body = Upload(p.GetValue(files)!, p.GetValue(keyNumber), p.GetValue(keys), p.GetValue(expires), replace: false);
                body["license"] = new JsonObject
                {
                    ["keyType"] = p.GetValue(keyType), ["features"] = Array(p.GetValue(features)), ["addOns"] = Array(p.GetValue(addOns)), ["issuer"] = p.GetValue(issuer),
                    ["installer"] = p.GetValue(installer), ["target"] = p.GetValue(target), ["ipAddresses"] = Array(p.GetValue(ip)),
                }.WithoutNulls();
                return RestCall.Post("licenses/upload", body);
            }),
            Verb("record-installed", "Records a license as installed or handed over, by your word. There is no way back.", [id, where, who, when], p => RestCall.Post(
                $"licenses/{p.GetValue(id)}/record-installed", new JsonObject { ["where"] = p.GetValue(where), ["who"] = p.GetValue(who), ["when"] = p.GetValue(when) }.WithoutNulls())),
            Verb("assign", "Assigns a license that is stock to a subscription.", [id, toSubscription],
                p => RestCall.Post($"licenses/{p.GetValue(id)}/assign", new JsonObject { ["subscriptionId"] = p.GetValue(toSubscription) })),
            Verb("sync", "Compares licenses with their keys at the issuer: one now, several or --all in the background.", [syncIds, allOf, syncIssuer], p =>
            {
                var ids = p.GetValue(syncIds) ?? [];
                return ids.Length == 1 ? RestCall.Post($"licenses/{ids[0]}/sync") : ids.Length == 0 && !p.GetValue(allOf)
                    ? throw new FormatException("Name licenses, or give --all.")
                    : RestCall.Post("licenses/sync", new JsonObject
                    {
                        ["ids"] = ids.Length == 0 ? null : new JsonArray([.. ids.Select(i => (JsonNode)i)]), ["issuer"] = p.GetValue(syncIssuer),
                    }.WithoutNulls());
            }),
            Verb("differences", "Shows what differs between a license and its key at the issuer, as last seen.", [id], p => RestCall.Get($"licenses/{p.GetValue(id)}/sync")),
            List("not-in-sync", "Lists the licenses that differ from their keys at the issuers.", "licenses/not-in-sync", [syncIssuer], p => [("issuer", p.GetValue(syncIssuer))],
                "license", "keyNumber", "status", "at"),
            Verb("resolve", "Cures a difference: Take the issuer's, Restore ours there, or Ignore it with a reason.", [id, field, cure, differingKey, syncReason], p => RestCall.Post(
                $"licenses/{p.GetValue(id)}/sync/resolve",
                new JsonObject { ["field"] = p.GetValue(field), ["cure"] = p.GetValue(cure), ["key"] = p.GetValue(differingKey), ["reason"] = p.GetValue(syncReason) }.WithoutNulls())),
            List("sync-runs", "Lists comparisons of many licenses, with their progress.", "sync-runs", [], _ => [], "id", "issuer", "all", "startedAt", "endedAt", "compared", "differing", "strays"),
            Verb("cancel-sync", "Ends a comparison; what it has found stays.", [run], p => RestCall.Post($"sync-runs/{p.GetValue(run)}/cancel")),
            List("stray-keys", "Lists live keys at issuers that no license here has.", "stray-keys", [syncIssuer], p => [("issuer", p.GetValue(syncIssuer))],
                "id", "issuer", "keyNumber", "keyType", "foundAt", "ignored"),
            Verb("ignore-stray", "Leaves a stray key alone, with a reason.", [stray, strayReason], p => RestCall.Post($"stray-keys/{p.GetValue(stray)}/ignore", new JsonObject { ["reason"] = p.GetValue(strayReason) })),
            Verb("renew", "Renews a lease by one period now, also one that expired.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/renew")),
            Verb("record-renewal", "Records a renewal that was obtained by hand, with the renewed file.", [id, renewedFile, keyNumber, expires, updates], p =>
            {
                var file = Upload([p.GetValue(renewedFile)!], p.GetValue(keyNumber), null, null, replace: false)["files"]![0]!.DeepClone();
                return RestCall.Post($"licenses/{p.GetValue(id)}/record-renewal", new JsonObject
                {
                    ["file"] = file, ["expirationDate"] = p.GetValue(expires), ["updateDate"] = p.GetValue(updates),
                }.WithoutNulls());
            }),
            Verb("preview-change", "Shows what a change would do, with the token to execute it.", [id, toClass, features, noFeatures, addOns, noAddOns, atEnd], p => RestCall.Post($"licenses/{p.GetValue(id)}/change/preview", Change(p))),
            Verb("change", "Executes a change that was previewed, by its token.", [id, toClass, features, noFeatures, addOns, noAddOns, atEnd, token], p =>
            {
                var body = Change(p);
                body["token"] = p.GetValue(token);
                return RestCall.Post($"licenses/{p.GetValue(id)}/change", body);
            }),
            Verb("show-change", "Shows how the last change stands.", [id], p => RestCall.Get($"licenses/{p.GetValue(id)}/change")),
            Verb("undo-change", "Undoes a change that has not taken effect.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/change/undo")),
            Verb("termination", "Shows what a termination would do to each key and each installed copy, or what became of them.", [id], p => RestCall.Get($"licenses/{p.GetValue(id)}/termination")),
            Verb("terminate", "Terminates a license with its additional keys and removes the installed copies; a Purchase goes to stock. There is no way back.", [id, why], p => RestCall.Post(
                $"licenses/{p.GetValue(id)}/terminate", new JsonObject { ["reason"] = p.GetValue(why) })),
            Verb("record-terminated", "Records that a key is terminated at the issuer, by your word. There is no way back.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/record-terminated")),
            Verb("remove", "Removes the installed copy; key and file stay here.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/remove")),
            Verb("record-removed", "Records that the installed copy is gone, by your word. There is no way back.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/record-removed")),
            Verb("forecast", "Shows what is renewed and what expires in the next days.", [days], p => RestCall.Get("licenses/forecast", [("days", p.GetValue(days))])),
            Verb("unassign", "Takes a license that is not installed back to stock.", [id], p => RestCall.Post($"licenses/{p.GetValue(id)}/unassign")),
            List("requests", "Lists the license requests that wait for a key.", "license-requests", [ofIssuer], p => [("issuer", p.GetValue(ofIssuer))], "licenseId", "issuer", "requestedAt"),
            File("requests-text", "Saves the text of license requests, to be passed on to an issuer.", [ofIssuer, ids], p => RestCall.Get(
                "license-requests/text", [("issuer", p.GetValue(ofIssuer)), .. (p.GetValue(ids) ?? []).Select(i => ("id", (object?)i))])),
            File("download", "Saves the license file, or a ZIP of it and its additional ones.", [id, zip], p => RestCall.Get($"licenses/{p.GetValue(id)}/{(p.GetValue(zip) ? "files" : "file")}")),
            Verb("history", "Shows what happened to a license.", [id], p => RestCall.Get($"licenses/{p.GetValue(id)}/history")));
    }

    private static Command Attention()
    {
        var id = Id("The number of what needs attention.");
        return Group("attention", "What needs attention, and what can be done about it.",
            List("list", "Lists what won't go on by itself.", "attention", [], _ => [], "id", "since", "why", "orderId", "licenseId", "step", "cause", "remedy"),
            Verb("show", "Shows one of them with all that can be done.", [id], p => RestCall.Get($"attention/{p.GetValue(id)}")),
            Verb("resubmit", "Goes on where it stopped.", [id], p => RestCall.Post($"attention/{p.GetValue(id)}/resubmit")),
            Verb("approve", "Lets it pass the spending guard once.", [id], p => RestCall.Post($"attention/{p.GetValue(id)}/approve")),
            Reasoned("cancel", "Gives it up.", "attention", id));
    }

    private static Command Plugins()
    {
        var compared = new Option<bool>("--compared") { Description = "After a restore: you have compared the issuer's keys yourself." };
        var id = Id("The plug-in's number.");
        var name = new Option<string>("--name") { Description = "Its name.", Required = true };
        var kind = new Option<string>("--kind") { Description = "Its kind, as 'keygate plugin kinds' lists them.", Required = true };
        var settings = Many("--setting", "A setting: NAME=VALUE, or NAME=@FILE for the contents of a file, without a line end at its end. May be repeated.");
        var ofKind = Text("--kind", "Only plug-ins of this kind.");
        var change = Input("The change as a JSON file; its form stands in the API's documentation (ChangePlugin).");
        var keyTypes = Many("--key-type", "A key type that the agreement covers. May be repeated.");
        var features = Many("--feature", "A feature or upgrade plan that the agreement covers. May be repeated.");
        var add = Verb("add", "Adds a plug-in.", [name, kind, settings], p =>
        {
            var given = new JsonObject();
            foreach (var setting in p.GetValue(settings) ?? [])
            {
                var (key, value) = Pair(setting);
                given[key] = value.StartsWith('@') ? System.Text.Encoding.UTF8.GetString(Bytes(value[1..])).TrimEnd('\r', '\n') : value;
            }

            return RestCall.Post("plugins", new JsonObject { ["name"] = p.GetValue(name), ["kind"] = p.GetValue(kind), ["settings"] = given });
        });
        return Group("plugin", "Issuer and installer plug-ins.", add,
            List("list", "Lists the plug-ins.", "plugins", [ofKind], p => [("kind", p.GetValue(ofKind))], "id", "name", "kind", "status", "pausedAt", "problem"),
            List("kinds", "Lists the kinds of plug-in that can be added.", "plugin-kinds", [], _ => []),
            Verb("show", "Shows a plug-in.", [id], p => RestCall.Get($"plugins/{p.GetValue(id)}")),
            Verb("test", "Tries a plug-in's connection.", [id], p => RestCall.Post($"plugins/{p.GetValue(id)}/test"), refusal: answer => (bool?)answer?["passed"] == false
                ? ServerErrors.PluginTestFailed.Because((string?)answer["text"] ?? "").Mend((string?)answer["remedy"] ?? "See the plug-in's settings.")
                : null),
            Verb("change", "Changes name, settings, limits or costs of a plug-in to what a file says.", [id, change], p => RestCall.Send(HttpMethod.Patch, $"plugins/{p.GetValue(id)}", Bytes(p.GetValue(change)!))),
            Verb("offer", "Shows what an issuer's account offers, what changed, and its answer as it came.", [id], p => RestCall.Get($"plugins/{p.GetValue(id)}/offer")),
            Verb("synchronize", "Synchronizes the list of license classes: asks the issuer what its account offers.", [id], p => RestCall.Post($"plugins/{p.GetValue(id)}/offer/synchronize")),
            Verb("select", "Ticks what is sold through an issuer without a connection; what is not named is not ticked any more.", [id, keyTypes, features], p => RestCall.Put(
                $"plugins/{p.GetValue(id)}/offer", new JsonObject { ["keyTypes"] = Array(p.GetValue(keyTypes)), ["features"] = Array(p.GetValue(features)) }.WithoutNulls())),
            Verb("classes", "Shows the catalog's license classes beside what the issuer's account offers.", [id], p => RestCall.Get($"plugins/{p.GetValue(id)}/license-classes"),
                columns: ["code", "name", "standing", "since", "cause"]),
            Verb("features", "Shows the catalog's features beside what the issuer's account offers.", [id], p => RestCall.Get($"plugins/{p.GetValue(id)}/features"),
                columns: ["code", "name", "standing", "since", "cause"]),
            Reasoned("pause", "Pauses a plug-in: what needs it waits.", "plugins", id),
            Verb("resume", "Resumes a plug-in.", [id, compared], p => RestCall.Post($"plugins/{p.GetValue(id)}/resume{(p.GetValue(compared) ? "?compared=true" : "")}")));
    }

    private static Command Plans()
    {
        var id = Id("The plan's number.");
        var file = Input("The plan as a JSON file; its form stands in the API's documentation (AddPlan).");
        var before = new Option<int?>("--renew-before") { Description = "Days before the period's end on which the renewal order is placed; 7 where none are named." };
        var grace = new Option<int?>("--grace") { Description = "Days that the service runs on unpaid; 7 where none are named." };
        var hold = new Option<int?>("--hold") { Description = "Days after those that the service is stopped; 30 where none are named." };
        var keep = new Option<bool>("--keep") { Description = "Leaves the subscription stopped after that; without it, it ends for good." };
        var none = new Option<bool>("--none") { Description = "No terms: subscriptions run on by themselves." };
        return Group("plan", "Service plans.",
            Verb("add", "Adds a plan from a file.", [file], p => RestCall.Send(HttpMethod.Post, "plans", Bytes(p.GetValue(file)!))),
            List("list", "Lists the plans.", "plans", [], _ => [], "id", "name", "currency", "published"),
            Verb("show", "Shows a plan.", [id], p => RestCall.Get($"plans/{p.GetValue(id)}")),
            Verb("check", "Tries every order that a plan lets through against what the issuer's account offers; each that would fail with cause and repair.", [id],
                p => RestCall.Get($"plans/{p.GetValue(id)}/check"), refusal: answer => (bool?)answer?["passes"] == false ? ServerErrors.PlanWouldFail : null),
            Verb("publish", "Lets a plan be ordered; refused where orders of it would fail at the issuer.", [id], p => RestCall.Post($"plans/{p.GetValue(id)}/publish")),
            Verb("terms", "Sets when subscriptions of a plan are renewed, and what becomes of those that are not paid.", [id, before, grace, hold, keep, none], p => RestCall.Put(
                $"plans/{p.GetValue(id)}/terms", p.GetValue(none) ? [] : new JsonObject
                {
                    ["terms"] = new JsonObject
                    {
                        ["renewBeforeDays"] = p.GetValue(before), ["graceDays"] = p.GetValue(grace), ["holdDays"] = p.GetValue(hold), ["destroyAfterHold"] = p.GetValue(keep) ? false : null,
                    }.WithoutNulls(),
                })),
            Verb("unpublish", "Lets a plan no longer be ordered.", [id], p => RestCall.Post($"plans/{p.GetValue(id)}/withdraw")));
    }

    private static Command Subscriptions()
    {
        var id = Id("The subscription's number.");
        var ofCustomer = new Option<int?>("--customer") { Description = "Only this customer's subscriptions." };
        var awaitsServer = new Option<bool>("--awaits-server") { Description = "Only those that wait for a dedicated server." };
        var server = new Option<string>("--server") { Description = "The server's name.", Required = true };
        var ip = Many("--ip", "An address of the server. May be repeated.");
        var target = Text("--target", "Where licenses are installed; the server's name where none is given or was ordered.");
        var reason = Text("--reason", "Why; it stands in the history.");
        var credit = Text("--credit", "What becomes of the rest of the paid period: None, Credit or Refund.");
        var resource = new Option<string>("--resource") { Description = "The resource's command, as it stands in the plan.", Required = true };
        var quantity = new Option<int>("--quantity") { Description = "Units after the change.", Required = true };
        var fee = new Option<long?>("--fee") { Description = "What the customer owes for the cancellation, in minor units." };
        var preview = new Option<bool>("--preview") { Description = "Show what it would do and give back, with the token to execute it." };
        var token = Text("--token", "The token of a preview: refused where it would be something else now.");
        return Group("subscription", "Subscriptions.",
            List("list", "Lists the subscriptions.", "subscriptions", [ofCustomer, awaitsServer],
                p => [("customerId", p.GetValue(ofCustomer)), ("awaitsServer", p.GetValue(awaitsServer) ? "true" : null)], "id", "name", "customerId", "planId", "status", "server"),
            Verb("assign-server", "Assigns a dedicated server; the licenses that waited for it go on.", [id, server, ip, target], p => RestCall.Post(
                $"subscriptions/{p.GetValue(id)}/assign-server",
                new JsonObject { ["server"] = p.GetValue(server), ["ipAddresses"] = Array(p.GetValue(ip)), ["target"] = p.GetValue(target) }.WithoutNulls())),
            Reasoned("suspend", "Suspends a subscription: its keys are suspended and installed copies removed.", "subscriptions", id),
            Reasoned("resume", "Lets a suspended subscription go on.", "subscriptions", id),
            Verb("cancel", "Ends a subscription for good: its licenses are terminated, purchased ones go to stock. With --preview it is only shown.", [id, reason, credit, fee, preview, token], p => RestCall.Post(
                $"subscriptions/{p.GetValue(id)}/cancel{(p.GetValue(preview) ? "/preview" : "")}",
                new JsonObject { ["reason"] = p.GetValue(reason), ["credit"] = p.GetValue(credit), ["fee"] = p.GetValue(fee), ["token"] = p.GetValue(token) }.WithoutNulls())),
            Verb("quantity", "Changes how much a subscription holds of a resource that no license is needed for; without --token it is only shown what it would cost.", [id, resource, quantity, token], p => RestCall.Post(
                $"subscriptions/{p.GetValue(id)}/quantity{(p.GetValue(token) is null ? "/preview" : "")}",
                new JsonObject { ["resource"] = p.GetValue(resource), ["quantity"] = p.GetValue(quantity), ["token"] = p.GetValue(token) }.WithoutNulls())),
            Verb("renew", "Places the renewal order of a subscription now.", [id], p => RestCall.Post($"subscriptions/{p.GetValue(id)}/renew")),
            Verb("end-with-period", "Lets a subscription end with its period.", [id], p => RestCall.Post($"subscriptions/{p.GetValue(id)}/renewal", new JsonObject { ["automatic"] = false })),
            Verb("keep-renewing", "Takes back that a subscription ends with its period.", [id], p => RestCall.Post($"subscriptions/{p.GetValue(id)}/renewal", new JsonObject { ["automatic"] = true })),
            Verb("show", "Shows a subscription.", [id], p => RestCall.Get($"subscriptions/{p.GetValue(id)}")));
    }

    private static Command Invoices()
    {
        var number = new Argument<int>("number") { Description = "The invoice's number." };
        var ofCustomer = new Option<int?>("--customer") { Description = "Only this customer's." };
        var ofOrder = new Option<int?>("--order") { Description = "Only this order's." };
        var amount = new Option<long?>("--amount") { Description = "What is given back, in minor units (cents); all that is left of it where nothing is named." };
        var reason = new Option<string>("--reason") { Description = "Why; it stands on the credit note.", Required = true };
        var settings = Input("Seller, tax number and tax as a JSON file; its form stands in the API's documentation (SetInvoicing).");
        return Group("invoice", "Invoices and credit notes.",
            List("list", "Lists invoices and credit notes, newest first.", "invoices", [ofCustomer, ofOrder], p => [("customerId", p.GetValue(ofCustomer)), ("orderId", p.GetValue(ofOrder))],
                "number", "kind", "orderId", "customerId", "total", "tax", "currency", "issuedAt"),
            Verb("show", "Shows an invoice with its lines.", [number], p => RestCall.Get($"invoices/{p.GetValue(number)}")),
            Verb("credit", "Gives back an invoice in part or whole, by a credit note.", [number, amount, reason], p => RestCall.Post(
                $"invoices/{p.GetValue(number)}/credit", new JsonObject { ["amount"] = p.GetValue(amount), ["reason"] = p.GetValue(reason) }.WithoutNulls())),
            Verb("settings", "Shows who issues invoices, and the tax that prices contain.", [], _ => RestCall.Get("invoicing")),
            Verb("set", "Sets who issues invoices, and the tax that prices contain.", [settings], p => RestCall.Send(HttpMethod.Put, "invoicing", Bytes(p.GetValue(settings)!))));
    }

    private static Command Customers()
    {
        var id = Id("The customer's number.");
        var name = new Option<string>("--name") { Description = "Name of the person or company.", Required = true };
        var email = new Option<string>("--email") { Description = "Where mail goes to.", Required = true };
        return Group("customer", "Customers.",
            Verb("add", "Adds a customer.", [name, email], p => RestCall.Post("customers", new JsonObject { ["name"] = p.GetValue(name), ["email"] = p.GetValue(email) })),
            List("list", "Lists the customers.", "customers", [], _ => [], "id", "name", "email"),
            Verb("invite", "Invites a customer to the portal: mails a link to choose a password.", [id], p => RestCall.Post($"customers/{p.GetValue(id)}/password-link")),
            Verb("show", "Shows a customer.", [id], p => RestCall.Get($"customers/{p.GetValue(id)}")));
    }

    private static Command Staff()
    {
        var name = new Option<string>("--name") { Description = "The name that history shows.", Required = true };
        var id = Id("The member's number.");
        var email = Text("--email", "Where a link to choose a password goes to.");
        var newRole = Text("--role", "Administrator, Operator or Auditor.");
        var login = new Option<string>("--login") { Description = "The name to sign in with.", Required = true };
        var role = new Option<string>("--role") { Description = "Administrator, Operator or Auditor.", Required = true };
        return Group("staff", "The staff.",
            Verb("add", "Adds a member of the staff; Keygate makes the password and shows it once.", [name, login, role, email],
                p => RestCall.Post("staff", new JsonObject { ["name"] = p.GetValue(name), ["login"] = p.GetValue(login), ["role"] = p.GetValue(role), ["email"] = p.GetValue(email) }.WithoutNulls())),
            Verb("change", "Changes role or mail address of a member; what is not named stays.", [id, newRole, email],
                p => RestCall.Post($"staff/{p.GetValue(id)}", new JsonObject { ["role"] = p.GetValue(newRole), ["email"] = p.GetValue(email) }.WithoutNulls())),
            Verb("invite", "Mails a member a link to choose a password.", [id], p => RestCall.Post($"staff/{p.GetValue(id)}/password-link")),
            Verb("remove", "Removes a member: password, sessions, tokens and links end.", [id], p => RestCall.Post($"staff/{p.GetValue(id)}/remove")),
            List("list", "Lists the staff.", "staff", [], _ => [], "id", "login", "name", "role", "email", "removedAt"));
    }

    private static Command Tokens()
    {
        var id = Id("The token's number.");
        var name = new Option<string>("--name") { Description = "What it is for.", Required = true };
        return Group("token", "API tokens.",
            Verb("add", "Makes an API token for yourself; it is shown once.", [name], p => RestCall.Post("tokens", new JsonObject { ["name"] = p.GetValue(name) })),
            List("list", "Lists the API tokens.", "tokens", [], _ => [], "id", "name", "staffId", "createdAt", "revokedAt"),
            Verb("revoke", "Revokes an API token.", [id], p => new RestCall(HttpMethod.Delete, $"tokens/{p.GetValue(id)}")));
    }

    private static Command AuditTrail()
    {
        var subject = Text("--subject", "Only what was done to this, such as customer/1000001.");
        var head = Many("--head", "An end of the chain that was kept elsewhere, such as from the log: proves that nothing before it is gone. May be repeated.");
        return Group("audit", "The audit trail: who did what to whom.",
            List("list", "Lists the audit trail, newest first.", "audit", [subject], p => [("subject", p.GetValue(subject))], "id", "at", "actorName", "act", "subject", "detail"),
            Verb("verify", "Checks that no row of the audit trail was altered, removed or inserted; refuses where one was.", [head],
                p => RestCall.Get("audit/verification", [.. (p.GetValue(head) ?? []).Select(h => ("head", (object?)h))]),
                refusal: answer => answer?.AsArray().FirstOrDefault(one => (bool?)one?["isWhole"] == false) is { } broken
                    ? ServerErrors.AuditTrailBroken.Because($"The audit trail of {broken["database"]} has {broken["faults"]} faults; the first: {broken["findings"]?[0]?["detail"]}")
                    : null));
    }

    private static Command KeyServer()
    {
        var client = new Argument<int>("client") { Description = "The client's number." };
        var login = new Option<string>("--login") { Description = "The login.", Required = true };
        var name = new Option<string>("--name") { Description = "Name of the person or company.", Required = true };
        var priceList = new Option<string>("--price-list") { Description = "The price list that the client orders from.", Required = true };
        var billing = Text("--billing", "Lease or Purchase, where the client names none.");
        var role = Text("--role", "All, Advanced or Standard.");
        var number = new Argument<string>("number") { Description = "The key's number, such as PLSK.00000001." };
        var id = new Argument<int>("id") { Description = "The client's number." };
        var loginId = new Argument<int>("login") { Description = "The login's number." };
        var parent = Text("--parent", "The client it stands below: login or number.");
        var email = Text("--email", "Where its key files are sent.");
        var denied = Text("--denied-methods", "Methods that it may not call, separated by commas.");
        var addresses = Text("--addresses", "Addresses and networks that it may be used from, separated by commas.");
        var calls = new Option<int?>("--calls-per-minute") { Description = "How many calls a minute are taken from it." };
        var noFeatureKeys = new Option<bool>("--no-feature-keys") { Description = "It may not touch feature keys." };
        var note = new Option<string>("--note") { Description = "The note.", Required = true };
        var problem = new Option<bool?>("--problem") { Description = "true marks the account as problem, false releases it." };
        var confirmed = new Option<bool?>("--confirmed") { Description = "true confirms the account." };
        var unpriced = new Option<bool?>("--unpriced") { Description = "true lets it order what has no price." };
        JsonObject Rights(ParseResult p) => new JsonObject
        {
            ["role"] = p.GetValue(role), ["featureKeys"] = !p.GetValue(noFeatureKeys), ["deniedMethods"] = Words(p.GetValue(denied)), ["addresses"] = Words(p.GetValue(addresses)),
            ["callsPerMinute"] = p.GetValue(calls),
        }.WithoutNulls();
        var list = new Argument<string>("name") { Description = "The price list's name." };
        var file = Input("The price-list file.");
        var kind = new Argument<string>("kind") { Description = "keyTypes, features, groups or upgradePlans." };
        var entry = new Argument<string>("entry") { Description = "The entry's id." };
        var entryFile = Input("The entry, as it stands in a price-list file.");
        string EntryPath(ParseResult p) => $"keyserver/price-lists/{Part(p.GetValue(list)!)}/{Part(p.GetValue(kind)!)}/{Part(p.GetValue(entry)!)}";
        var ofClient = Text("--client", "Only this client's keys: login or number.");
        var named = Text("--number", "Only the key of this number, with or without prefix and revision, or of this activation code.");
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the history.", Required = true };
        var because = Text("--reason", "Why; it stands in the list of keys.");
        var signingKey = new Argument<string>("name") { Description = "The signing key's name, such as KG-2026-1a2b3c4d." };
        var type = Text("--type", "EcdsaP256, Rsa2048, Rsa3072, or Ed25519 for tokens alone.");
        var nextRoot = Text("--certificate", "A file with the certificate of the next root, which the settings will name later; without it a key is made and used at once.");
        var pin = new Option<string?>("--out") { Description = "The file to write the certificate to." };
        var purchase = Text("--purchase", "The number that the administrator gave its own key.");
        var testOrders = new Option<bool?>("--test") { Description = "true for test orders alone, false for all others." };
        var vendorName = new Argument<string>("name") { Description = "The vendor's name, as price lists use it." };
        var vendorUrl = new Option<string?>("--url") { Description = "Its endpoint.", Required = true };
        var newUrl = Text("--url", "Its endpoint.");
        var vendorCredentials = Text("--credentials", "login:password for HTTP Basic; empty takes them away.");
        var repeats = new Option<bool?>("--repeats") { Description = "true where it promises that a repeated question does no harm." };
        var usage = new Option<bool?>("--reports-usage") { Description = "true where it answers GET-INFO." };
        var testMode = new Option<bool?>("--test-mode") { Description = "true while all its orders are test orders." };
        var enabled = new Option<bool?>("--enabled") { Description = "false while it is not asked." };
        var openOnly = new Option<bool>("--open") { Description = "Only what has no answer." };
        var act = new Argument<int>("act") { Description = "The act's number." };
        var bodyFile = Text("--body", "The file with the license body.");
        JsonObject VendorBody(ParseResult p) => new JsonObject
        {
            ["name"] = p.GetValue(vendorName), ["url"] = p.GetValue(vendorUrl) ?? p.GetValue(newUrl), ["credentials"] = p.GetValue(vendorCredentials), ["repeats"] = p.GetValue(repeats),
            ["reportsUsage"] = p.GetValue(usage), ["testMode"] = p.GetValue(testMode), ["enabled"] = p.GetValue(enabled),
        }.WithoutNulls();
        RestCall VendorSays(ParseResult p, string word) => RestCall.Post($"keyserver/vendor-acts/{p.GetValue(act)}", new JsonObject
        {
            ["word"] = word, ["body"] = word == "Found" && p.GetValue(bodyFile) is { } path ? Convert.ToBase64String(System.IO.File.ReadAllBytes(path)) : null,
        }.WithoutNulls());
        var on = new Option<bool>("--on") { Description = "true where it renews the key, false where its owner does.", Required = true };
        var ahead = new Option<int?>("--days") { Description = "Also what is due within so many days." };
        var failed = new Option<bool>("--failed") { Description = "Only what failed." };
        var lookBack = new Option<int?>("--days") { Description = "How many days to look back; 45 where none is named." };
        var owner = new Option<string>("--client") { Description = "Login or number of the client who will own it.", Required = true };
        var keyType = new Option<string>("--key-type") { Description = "Key type identifier.", Required = true };
        var features = Text("--features", "Identifiers of its features, separated by commas.");
        var withKeys = Text("--additional", "Key types of additional keys to make and attach at once, separated by commas.");
        var keyAddresses = Text("--addresses", "IP and MAC addresses by which it is found, separated by commas.");
        var activatedFor = Text("--activated-for", "The hardware id or instance.");
        var parentKey = Text("--parent", "Number of the key that an additional one is attached to.");
        var address = new Option<string>("--address") { Description = "The IP address.", Required = true };
        RestCall OnKey(ParseResult p, string verb, JsonObject? body = null) => RestCall.Post($"keyserver/keys/{Part(p.GetValue(number)!)}/{verb}", body);
        var leaveBehind = new Option<bool>("--leave-behind") { Description = "Revoke although live licenses are still signed by it." };
        return Group("keyserver", "The key server: the issuing side.",
            Group("client", "Clients of the Partner APIs.",
                Verb("add", "Adds a client.", [login, name, priceList, billing, parent, email], p => RestCall.Post("keyserver/clients", new JsonObject
                {
                    ["login"] = p.GetValue(login), ["name"] = p.GetValue(name), ["priceList"] = p.GetValue(priceList), ["defaultBilling"] = p.GetValue(billing),
                    ["parent"] = p.GetValue(parent), ["email"] = p.GetValue(email),
                }.WithoutNulls())),
                List("list", "Lists the clients.", "keyserver/clients", [], _ => [], "id", "login", "name", "priceList", "defaultBilling"),
                Verb("show", "Shows a client.", [client], p => RestCall.Get($"keyserver/clients/{p.GetValue(client)}")),
                Verb("standing", "Changes the standing of an account; what is not named stays.", [id, problem, confirmed, unpriced], p => RestCall.Post($"keyserver/clients/{p.GetValue(id)}/standing", new JsonObject
                {
                    ["problem"] = p.GetValue(problem), ["confirmed"] = p.GetValue(confirmed), ["unpriced"] = p.GetValue(unpriced),
                }.WithoutNulls()))),
            Group("login", "Logins of clients.",
                Verb("add", "Adds a login; its password is shown once.", [client, login, role, denied, addresses, calls, noFeatureKeys], p =>
                {
                    var body = Rights(p);
                    body["login"] = p.GetValue(login);
                    return RestCall.Post($"keyserver/clients/{p.GetValue(client)}/logins", body);
                }),
                Verb("change", "Changes what a login may do; what is not named becomes its default.", [id, loginId, role, denied, addresses, calls, noFeatureKeys],
                    p => RestCall.Put($"keyserver/clients/{p.GetValue(id)}/logins/{p.GetValue(loginId)}", Rights(p))),
                Verb("password", "Makes a new password for a login, which is shown once.", [id, loginId],
                    p => RestCall.Post($"keyserver/clients/{p.GetValue(id)}/logins/{p.GetValue(loginId)}/password")),
                Verb("disable", "Shuts a login out until it is enabled.", [id, loginId], p => RestCall.Post($"keyserver/clients/{p.GetValue(id)}/logins/{p.GetValue(loginId)}/disable")),
                Verb("enable", "Lets a login in again.", [id, loginId], p => RestCall.Post($"keyserver/clients/{p.GetValue(id)}/logins/{p.GetValue(loginId)}/enable")),
                Verb("list", "Lists a client's logins.", [client], p => RestCall.Get($"keyserver/clients/{p.GetValue(client)}/logins"))),
            Group("price-list", "Issuer price lists.",
                Verb("import", "Takes a price list from a file.", [file], p => RestCall.Send(HttpMethod.Post, "keyserver/price-lists", Bytes(p.GetValue(file)!))),
                List("list", "Lists the price lists.", "keyserver/price-lists", [], _ => []),
                Verb("show", "Shows a price list.", [list], p => RestCall.Get($"keyserver/price-lists/{Part(p.GetValue(list)!)}")),
                Verb("set", "Adds or changes one entry of a price list.", [list, kind, entry, entryFile], p => RestCall.Send(HttpMethod.Put, EntryPath(p), Bytes(p.GetValue(entryFile)!))),
                Verb("withdraw", "Withdraws one entry of a price list: keys that have it keep it.", [list, kind, entry], p => RestCall.Post($"{EntryPath(p)}/withdraw"))),
            Group("key", "Keys that were issued.",
                List("list", "Lists the keys, the newest first.", "keyserver/keys", [ofClient, named], p => [("client", p.GetValue(ofClient)), ("number", p.GetValue(named))]),
                Verb("show", "Shows a key.", [number], p => RestCall.Get($"keyserver/keys/{Part(p.GetValue(number)!)}")),
                Verb("issue", "Issues a key for a client, under the rules of its price list.", [owner, keyType, features, withKeys, billing, keyAddresses, activatedFor, parentKey], p => RestCall.Post("keyserver/keys", new JsonObject
                {
                    ["client"] = p.GetValue(owner), ["keyType"] = p.GetValue(keyType), ["features"] = Words(p.GetValue(features)), ["additional"] = Words(p.GetValue(withKeys)), ["billing"] = p.GetValue(billing),
                    ["addresses"] = Words(p.GetValue(keyAddresses)), ["activatedFor"] = p.GetValue(activatedFor), ["parent"] = p.GetValue(parentKey),
                }.WithoutNulls())),
                Verb("renew", "Renews a lease by one term. Not repeatable.", [number], p => OnKey(p, "renew")),
                Verb("activate", "Activates a key for a hardware id or an instance.", [number, activatedFor], p => OnKey(p, "activate", new JsonObject { ["activatedFor"] = p.GetValue(activatedFor) })),
                Verb("transfer", "Moves an active key to another hardware id.", [number, activatedFor], p => OnKey(p, "transfer", new JsonObject { ["activatedFor"] = p.GetValue(activatedFor) })),
                Verb("reset", "Takes a key's activation back.", [number], p => OnKey(p, "reset")),
                Verb("bind", "Binds a key to an address.", [number, address], p => OnKey(p, "bind", new JsonObject { ["address"] = p.GetValue(address) })),
                Verb("unbind", "Takes a key's bound address away.", [number], p => OnKey(p, "unbind")),
                Verb("terminate", "Terminates a key for good.", [number], p => OnKey(p, "terminate")),
                Verb("suspend", "Suspends a key: products that fetch status lists refuse it until it is resumed.", [number, reason], p => KeyAct(p.GetValue(number)!, "suspend", p.GetValue(reason)!)),
                Verb("resume", "Resumes a suspended key.", [number, reason], p => KeyAct(p.GetValue(number)!, "resume", p.GetValue(reason)!)),
                Verb("revoke", "Revokes a key for good: it is terminated, and products that fetch status lists refuse it.", [number, reason], p => KeyAct(p.GetValue(number)!, "revoke", p.GetValue(reason)!)),
                Verb("file", "Shows a key's license file, in base64.", [number], p => RestCall.Get($"keyserver/keys/{Part(p.GetValue(number)!)}/file")),
                Verb("token", "Shows a key's license token.", [number], p => RestCall.Get($"keyserver/keys/{Part(p.GetValue(number)!)}/token")),
                Verb("auto-renew", "Lets the key server renew a lease by itself, or not.", [number, on], p => RestCall.Post(
                    $"keyserver/keys/{Part(p.GetValue(number)!)}/auto-renew", new JsonObject { ["autoRenew"] = p.GetValue(on) })),
                Verb("note", "Adds a note to a key.", [number, note], p => RestCall.Post($"keyserver/keys/{Part(p.GetValue(number)!)}/notes", new JsonObject { ["note"] = p.GetValue(note) })),
                Verb("notes", "Lists the notes on a key.", [number], p => RestCall.Get($"keyserver/keys/{Part(p.GetValue(number)!)}/notes"))),
            Group("purchase", "What foreign Key Administrators have bought of us as their vendor.",
                List("list", "Lists the purchases, the newest first.", "keyserver/purchases", [ofClient, purchase, testOrders],
                    p => [("client", p.GetValue(ofClient)), ("purchase", p.GetValue(purchase)), ("test", p.GetValue(testOrders))],
                    "id", "client", "purchase", "product", "test", "number", "expirationDate", "terminatedAt")),
            Group("vendor", "Vendors of third-party products, whose endpoints give license bodies.",
                Verb("add", "Adds a vendor.", [vendorName, vendorUrl, vendorCredentials, repeats, usage, testMode, enabled], p => RestCall.Post("keyserver/vendors", VendorBody(p))),
                Verb("change", "Changes a vendor; what is not named stays.", [vendorName, newUrl, vendorCredentials, repeats, usage, testMode, enabled],
                    p => RestCall.Post($"keyserver/vendors/{Part(p.GetValue(vendorName)!)}", VendorBody(p))),
                List("list", "Lists the vendors.", "keyserver/vendors", [], _ => [], "id", "name", "url", "repeats", "reportsUsage", "testMode", "enabled"),
                List("acts", "Lists what vendors are asked, the newest first.", "keyserver/vendor-acts", [openOnly], p => [("open", p.GetValue(openOnly) ? true : null)],
                    "id", "key", "action", "state", "detail", "createdAt"),
                Verb("found", "Records what a vendor has done although nobody saw his answer.", [act, bodyFile], p => VendorSays(p, "Found")),
                Verb("none", "Records that a vendor has not done it: he is asked again.", [act], p => VendorSays(p, "None")),
                Verb("resubmit", "Asks again.", [act], p => VendorSays(p, "Resubmit")),
                Verb("give-up", "Gives an act up: nothing changes, and an order that came to nothing ends.", [act], p => VendorSays(p, "GiveUp"))),
            Group("renewal", "Leases that the key server renews by itself.",
                List("list", "Lists the sweeps over what is due, with their progress.", "keyserver/renewals", [], _ => [], "id", "due", "renewed", "failed", "startedAt", "endedAt"),
                List("due", "Lists what is due, and what holds it.", "keyserver/renewals/due", [ahead, failed], p => [("days", p.GetValue(ahead)), ("failed", p.GetValue(failed) ? true : null)],
                    "number", "keyType", "clientId", "updateDate", "expirationDate", "standing", "detail"),
                Verb("start", "Renews what is due now, without waiting for the next sweep.", [], _ => RestCall.Post("keyserver/renewals"))),
            List("multi-use", "Lists keys that several servers use side by side.", "keyserver/multi-use", [lookBack], p => [("days", p.GetValue(lookBack))], "number", "keyType", "clientId", "servers"),
            File("trust", "Saves the trust bundle: the certificates that license files are verified with.", [], _ => RestCall.Get("keyserver/trust")),
            File("root", "Saves the root certificate, which products pin.", [], _ => RestCall.Get("keyserver/root")),
            Group("signing-key", "The keys that sign licenses, and the root key.",
                List("list", "Lists them.", "keyserver/signing-keys", [], _ => [], "name", "purpose", "algorithm", "state", "origin", "createdAt", "revokedAt"),
                Verb("rotate", "Makes another key the one that signs; the one before stays trusted.", [type, because], p => RestCall.Post("keyserver/signing-keys/rotate", new JsonObject
                {
                    ["type"] = p.GetValue(type), ["reason"] = p.GetValue(because),
                }.WithoutNulls())),
                Verb("rotate-root", "Makes another key the root; products that pinned the present one learn it from roots.json.", [nextRoot, because], p => RestCall.Post("keyserver/signing-keys/rotate-root", new JsonObject
                {
                    ["certificate"] = p.GetValue(nextRoot) is { } path ? System.IO.File.ReadAllText(path) : null, ["reason"] = p.GetValue(because),
                }.WithoutNulls())),
                Verb("sign-anew", "Signs anew what another key has signed, until nothing remains.", [signingKey], p => RestCall.Post($"keyserver/signing-keys/{Part(p.GetValue(signingKey)!)}/sign-anew"),
                    again: answer => (int?)answer?["remaining"] > 0 && (int?)answer?["signed"] > 0),
                Verb("revoke", "Revokes a signing key for good: products refuse what it signed.", [signingKey, reason, leaveBehind], p => RestCall.Post(
                    $"keyserver/signing-keys/{Part(p.GetValue(signingKey)!)}/revoke", new JsonObject { ["reason"] = p.GetValue(reason), ["leaveBehind"] = p.GetValue(leaveBehind) }))),
            Verb("door", "Shows where the Partner APIs are, and the certificate to pin.", [pin], _ => RestCall.Get("keyserver/door"), pin, part: "certificate"));
    }

    private static RestCall KeyAct(string number, string verb, string reason) => RestCall.Post($"keyserver/keys/{Part(number)}/{verb}", new JsonObject { ["reason"] = reason });

    private static JsonArray? Words(string? joined) => joined is null ? null : [.. joined.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => (JsonNode?)word)];

    private static Command Group(string name, string description, params Command[] verbs)
    {
        var command = new Command(name, description);
        foreach (var verb in verbs)
        {
            command.Subcommands.Add(verb);
        }

        return command;
    }

    private static Command Reasoned(string name, string description, string path, Argument<int> id)
    {
        var reason = Text("--reason", "Why; it stands in the history.");
        return Verb(name, description, [id, reason], p => RestCall.Post($"{path}/{p.GetValue(id)}/{name}", new JsonObject { ["reason"] = p.GetValue(reason) }.WithoutNulls()));
    }

    private static Command List(
        string name, string description, string path, IReadOnlyList<Option> filters, Func<ParseResult, IReadOnlyList<(string Name, object? Value)>> query, params string[] columns)
    {
        var limit = new Option<int?>("--limit") { Description = "Rows, at most 500." };
        var cursor = Text("--cursor", "Where the last page ended.");
        return Verb(name, description, [.. filters, limit, cursor],
            p => RestCall.Get(path, [.. query(p), ("limit", p.GetValue(limit)), ("cursor", p.GetValue(cursor))]), columns: columns);
    }

    private static Command File(string name, string description, IReadOnlyList<Symbol> inputs, Func<ParseResult, RestCall> call)
    {
        var to = new Option<string?>("--out") { Description = "The file to write; standard output where none is named." };
        return Verb(name, description, [.. inputs, to], call, to);
    }

    private static Command Verb(
        string name, string description, IReadOnlyList<Symbol> inputs, Func<ParseResult, RestCall> call, Option<string?>? to = null,
        Func<JsonNode?, Error?>? refusal = null, IReadOnlyList<string>? columns = null, Func<JsonNode?, bool>? again = null, string? part = null)
    {
        var command = new Command(name, description);
        foreach (var input in inputs)
        {
            if (input is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)input);
            }
        }

        var json = new Option<bool>("--json") { Description = "Print the answer as JSON." };
        var data = new Option<string?>("--data") { Description = "The data folder whose cli.json names server and token, where KEYGATE_URL and KEYGATE_TOKEN are not set." };
        var key = new Option<string?>("--idempotency-key") { Description = "Repeats an earlier write that got no answer." };
        command.Options.Add(json);
        command.Options.Add(data);
        command.Options.Add(key);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!RestClient.Find(Environment.GetEnvironmentVariable, parsed.GetValue(data)).TryGet(out var client, out var unknown))
            {
                return KeygateCommand.Refuse(unknown, ExitCode.Usage);
            }

            using var _ = client;
            var idempotencyKey = parsed.GetValue(key) ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
            RestCall request;
            try
            {
                request = call(parsed);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return KeygateCommand.Refuse(ServerErrors.FileUnreadable.Because(e.Message), ExitCode.Usage);
            }
            catch (FormatException e)
            {
                return KeygateCommand.Refuse(KernelErrors.RequestInvalid.Because(e.Message), ExitCode.Usage);
            }

            try
            {
                while (true)
                {
                    var answer = await client.SendAsync(request, idempotencyKey, cancellation);
                    var code = await ShowAsync(answer, parsed.GetValue(json), to is null ? null : parsed.GetValue(to), part, to is not null && part is null, refusal, columns ?? None, cancellation);
                    if (code != ExitCode.Done || again?.Invoke(answer.Json) != true)
                    {
                        return code;
                    }

                    idempotencyKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
                }
            }
            catch (HttpRequestException e)
            {
                var again = request.Method == HttpMethod.Get || e.HttpRequestError == HttpRequestError.ConnectionError
                    ? ServerErrors.NotReached
                    : ServerErrors.NotReached.Mend($"It may have happened: repeat the command with --idempotency-key {idempotencyKey} to learn the answer; nothing is done twice.");
                return KeygateCommand.Refuse(again.Because($"The server does not answer: {e.Message}"), ExitCode.Unreachable);
            }
        });
        return command;
    }

    private static async Task<int> ShowAsync(
        RestAnswer answer, bool asJson, string? to, string? part, bool raw, Func<JsonNode?, Error?>? refusal, IReadOnlyList<string> columns, CancellationToken cancellation)
    {
        if (answer.Refusal is { } refused)
        {
            if (asJson && answer.Json is { } problem)
            {
                await Console.Out.WriteLineAsync(problem.ToJsonString());
            }

            return KeygateCommand.Refuse(refused);
        }

        if (to is not null)
        {
            try
            {
                await System.IO.File.WriteAllBytesAsync(to, part is null ? answer.Body : System.Text.Encoding.UTF8.GetBytes((string)answer.Json![part]!), cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return KeygateCommand.Refuse(ServerErrors.FileUnwritable.Because(e.Message));
            }
        }
        else if (raw || asJson)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(answer.Body.Length == 0 ? "{}"u8.ToArray() : answer.Body, cancellation);
            if (!raw && answer.Body is not [.., (byte)'\n'])
            {
                output.WriteByte((byte)'\n');
            }
        }
        else
        {
            Plain.Write(Console.Out, answer.Json, columns);
            if (answer.Json is JsonObject page && page.ContainsKey("items") && (string?)page["next"] is { } next)
            {
                await Console.Error.WriteLineAsync($"More: --cursor {next}");
            }
        }

        return refusal?.Invoke(answer.Json) is { } error ? KeygateCommand.Refuse(error) : ExitCode.Done;
    }

    private static Argument<int> Id(string description) => new("id") { Description = description };

    private static Argument<string> Input(string description) => new("file") { Description = description };

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = false };

    private static string Part(string text) => Uri.EscapeDataString(text);

    private static byte[] Bytes(string file) => System.IO.File.ReadAllBytes(file);

    private static JsonArray? Array(string[]? values) => values is { Length: > 0 } ? new JsonArray([.. values.Select(v => (JsonNode)v)]) : null;

    private static JsonObject Upload(string[] files, string? keyNumber, string[]? keys, string? expires, bool replace) => new JsonObject
    {
        ["files"] = new JsonArray([.. files.Select(f => (JsonNode)new JsonObject
        {
            ["name"] = Path.GetFileName(f), ["content"] = Convert.ToBase64String(Bytes(f)), ["keyNumber"] = files.Length == 1 ? keyNumber : null,
        }.WithoutNulls())]),
        ["keys"] = keys is { Length: > 0 } ? new JsonArray([.. keys.Select(Pair).Select(k => (JsonNode)Told(k.Name, k.Value))]) : null,
        ["expirationDate"] = expires,
        ["replace"] = replace ? true : null,
    }.WithoutNulls();

    private static JsonObject Told(string keyNumber, string of) => of.StartsWith('#') && int.TryParse(of.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var license)
        ? new JsonObject { ["keyNumber"] = keyNumber, ["licenseId"] = license }
        : new JsonObject { ["keyNumber"] = keyNumber, ["keyType"] = of };

    private static JsonObject? Activation(string? hardwareId, string? instance) =>
        hardwareId is null && instance is null ? null : new JsonObject { ["hardwareId"] = hardwareId, ["instance"] = instance }.WithoutNulls();

    private static (string Name, string Value) Pair(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? (text[..at], text[(at + 1)..]) : throw new FormatException($"'{text}' is not NAME=VALUE.");
    }

    private static JsonNode Resource(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return text;
        }

        var (name, quantity) = Pair(text);
        return int.TryParse(quantity, NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            ? new JsonObject { ["resource"] = name, ["quantity"] = units }
            : throw new FormatException($"'{quantity}' in '{text}' is no quantity.");
    }

    private static JsonObject WithoutNulls(this JsonObject one)
    {
        foreach (var name in one.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            one.Remove(name);
        }

        return one;
    }
}
