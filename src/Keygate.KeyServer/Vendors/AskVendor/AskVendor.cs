using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// Asks a vendor's endpoint for one act. A vendor who promises that a repeat does no harm is asked until he answers; of any other an unanswered question is never
/// repeated unasked: he is looked at where he reports usage, and otherwise a person says what happened.
/// </summary>
internal sealed class AskVendor(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, VendorStore store, KeyStore keys, ClientStore clients, PriceListStore priceLists, VendorCall call,
    VendorAnswers answers) : Process
{
    private const string KindName = "keyserver.ask-vendor";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> Steps { get; } =
    [
        new Ask(ActKind.Repeatable, database, store, keys, clients, priceLists, call, answers),
        new Ask(ActKind.Once, database, store, keys, clients, priceLists, call, answers),
    ];

    public static StartWork Of(VendorActId act, KeyRow key, bool repeats) =>
        new(KindName, string.Create(CultureInfo.InvariantCulture, $"key/{key.Id.Value}"), Json.Write(new Asked(act, repeats)));

    /// <summary>The value that a person records for an act whose outcome is unknown.</summary>
    public static string Found(byte[]? body) => Json.Write(new VendorReply { Body = body });

    private sealed record Asked(VendorActId Act, bool Repeats);

    /// <summary>What is sent, but for the earlier license body, which is read for each call.</summary>
    private sealed record Question(VendorActId Act, VendorId Vendor, KeyId Key, int Revision, VendorAction Action, Dictionary<string, string> Fields);

    private sealed class Ask(
        ActKind act, Database database, VendorStore store, KeyStore keys, ClientStore clients, PriceListStore priceLists, VendorCall call, VendorAnswers answers) : OutsideStep
    {
        // A vendor may be away for a day; with the longest wait of a quarter of an hour.
        private const int TriesMax = 100;

        private static readonly TimeSpan DisabledWait = TimeSpan.FromMinutes(5), MayStillTake = TimeSpan.FromMinutes(20);

        public override string Name => act == ActKind.Once ? "ask-once" : "ask";

        public override ActKind Act => act;

        public override int? AttemptsMax => TriesMax;

        public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
        {
            var asked = work.Read<Asked>();
            var row = (await store.FindActAsync(session, asked.Act, cancellation))!;
            if (row.State != VendorActState.Open || asked.Repeats == (act == ActKind.Once))
            {
                return null;
            }

            var vendor = (await store.FindAsync(session, row.VendorId, cancellation))!;
            var key = (await keys.FindAsync(session, KeyName.Of(row.KeyId), cancellation))!;
            return new Asking { Lane = vendor.Lane, Keys = row.Action == VendorAction.Purchase ? 1 : 0, Request = Json.Write(await QuestionAsync(session, row, vendor, key, cancellation)) };
        }

        public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
        {
            var question = intent.Read<Question>();
            var (vendor, previous) = await database.ReadAsync(async s => (
                Vendor: (await store.FindAsync(s, question.Vendor, cancellation))!,
                Previous: question.Action is VendorAction.Renew or VendorAction.Upgrade ? await store.BodyAsync(s, question.Key, question.Revision, cancellation) : null), cancellation);
            return vendor.Enabled
                ? await call.PostAsync(vendor, question.Fields, previous, cancellation)
                : Answer.NotAsked(KeyServerErrors.VendorUnknown.Because($"The vendor {vendor.Name} is disabled."), DisabledWait);
        }

        public override async Task<Look> LookAsync(Intent intent, CancellationToken cancellation)
        {
            var question = intent.Read<Question>();
            var vendor = (await database.ReadAsync(s => store.FindAsync(s, question.Vendor, cancellation), cancellation))!;
            var unknown = KeyServerErrors.VendorBodyUnknown.Because($"{vendor.Name} may have carried out {question.Fields["APS_ACTION"]} for {question.Fields["PURCHASE_ID"]}.");
            if (!vendor.ReportsUsage || question.Action != VendorAction.Purchase)
            {
                return Look.CannotLook(unknown);
            }

            // A vendor who knows nothing of the purchase refuses to tell of it.
            var answer = await call.PostAsync(vendor, new Dictionary<string, string>(question.Fields) { ["APS_ACTION"] = "GET-INFO" }, null, cancellation);
            return answer.Outcome != Outcome.Done ? Look.NotAsked(answer.Error!)
                : answer.Read<VendorReply>().Refused ? Look.Absent(MayStillTake)
                : Look.CannotLook(unknown);
        }

        public override Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation) =>
            answers.SettleAsync(tx, work.Read<Asked>().Act, answer.Read<VendorReply>(), cancellation);

        public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
            answers.NoteAsync(tx, work.Read<Asked>().Act, failure.Error, cancellation);

        private async Task<Question> QuestionAsync(Session session, VendorActRow row, VendorRow vendor, KeyRow key, CancellationToken cancellation)
        {
            var change = row.Read();
            var list = await priceLists.GetAsync(session, key.PriceListId, cancellation);
            var keyType = list.KeyType(row.Action == VendorAction.Upgrade ? change.KeyType : key.KeyType);
            var fields = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["APS_PROTOCOL_MODEL"] = vendor.ReportsUsage ? "3" : "2",
                ["APS_ACTION"] = row.Action.ToString().ToUpperInvariant(),
                ["APS_TEST_MODE"] = vendor.TestMode || keyType is { Trial: true } ? "Y" : "N",
                ["PURCHASE_ID"] = key.Id.Value.ToString("D8", CultureInfo.InvariantCulture),
                ["PRODUCT_ID"] = keyType?.VendorProduct ?? keyType?.Id ?? key.KeyType,
                ["REG_NAME"] = (await clients.FindAsync(session, key.ClientId, cancellation))?.Name is { } name ? name[..Math.Min(name.Length, 100)] : "",
            };
            if (row.Action == VendorAction.Terminate)
            {
                fields["APS_TERMINATION_DATE"] = change.On!.Value.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture);
            }
            else
            {
                var data = (await keys.AddressesAsync(session, key.Id, cancellation)).Select(a => a.Address).Distinct(StringComparer.Ordinal);
                fields["ACTIVATION_DATA"] = string.Join(' ', key.ActivatedFor is { } machine ? data.Prepend(machine) : data);
            }

            return new Question(row.Id, vendor.Id, key.Id, key.Revision, row.Action, fields);
        }
    }
}
