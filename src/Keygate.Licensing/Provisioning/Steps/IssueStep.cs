using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Asks the issuer for the key. A key costs money each month, so the intent is written before the call and an unknown answer is looked into.</summary>
internal sealed class IssueStep(LicenseSteps steps, PluginHost plugins, PluginReader costs, Database database, WorkQueue queue, LicenseProvisioning provisioning) : OutsideStep
{
    public const string StepName = "issue";

    public override string Name => StepName;

    public override ActKind Act => ActKind.Once;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        if (license.IssuedAt is not null)
        {
            return null;
        }

        var asked = Asked(license);
        return new Asking
        {
            Lane = license.IssuerId.Lane,
            Keys = 1 + asked.AddOns.Count,
            CostAsync = (s, token) => costs.CostAsync(s, license.IssuerId, asked.KeyType, asked.Features, asked.AddOns, token),
            Request = Json.Write(asked),
        };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation)
    {
        var issuer = await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation);
        return issuer.TryGet(out var found, out var error) ? await found.IssueAsync(Traced(intent), cancellation) : Answer.NotDone(error);
    }

    public override Task<Look> LookAsync(Intent intent, CancellationToken cancellation) => LookAsync(intent, living: false, cancellation);

    // A key that somebody has ended meanwhile is no reason not to ask for another one.
    public override Task<Look> LookFirstAsync(Intent intent, CancellationToken cancellation) => LookAsync(intent, living: true, cancellation);

    private async Task<Look> LookAsync(Intent intent, bool living, CancellationToken cancellation)
    {
        var id = PluginId.OfLane(intent.Lane);
        var issuer = await plugins.IssuerAsync(id, cancellation);
        return issuer.TryGet(out var found, out var error)
            ? await found.LookAsync(
                intent, Traced(intent), (keys, token) => OfNobodyAsync(id, [.. keys.Where(k => !living || !k.Terminated)], token),
                (since, token) => database.ReadAsync(s => KnownAsync(s, steps.Store, id, since, token), token), cancellation)
            : Look.NotAsked(error);
    }

    /// <summary>The newest key of an issuer, by which it can show that it finds keys by their trace; null where it made none.</summary>
    internal static async Task<KnownKey?> KnownAsync(Session session, LicenseStore store, PluginId issuer, DateTimeOffset? since, CancellationToken cancellation) =>
        await store.NewestTracedAsync(session, issuer, since, cancellation) is { } license ? new KnownKey(license.KeyNumber!, Asked(license)) : null;

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.LockAsync(tx, work, cancellation);
        var key = answer.Read<IssuedKey>();
        license = await MoveAsync(tx, license, key.KeyNumber, key.ExpirationDate, key.UpdateDate, key.SusDate, key.ActivationCode, intent.TokenAsMac, cancellation);
        if (key.AdditionalKeys.Count > 0 || Json.Read<RequestLicenseRequest>(license.Request).AddOns.Count > 0)
        {
            await SettleAddOnsAsync(tx, license, key, cancellation);
        }

        await SurplusLooks.AddAsync(tx, license.Id, steps.Time.GetUtcNow() + BeginFindingSurplusKeys.After, cancellation);
        await steps.TellAsync(tx, license, "license.issued", cancellation);
        return LicenseSteps.Payload(work).Until == Until.Issued ? Move.Finish : Move.Next;
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) =>
        steps.StoppedAsync(tx, work, LicenseOperation.Issue, failure, cancellation);

    /// <summary>
    /// A key was made by a call that was believed lost. Where the request has none and is not given up, it is the answer; otherwise it and what came with
    /// it are ended at the issuer.
    /// </summary>
    public override async Task<Move> SurplusAsync(Tx tx, WorkItem work, Intent intent, Look found, CancellationToken cancellation)
    {
        var key = Json.Read<IssuedKey>(found.Value!);
        if (key.Terminated)
        {
            return Move.Next;
        }

        var license = await steps.FindAsync(tx, work, cancellation);
        if (license is not { IssuedAt: null, WithdrawnAt: null } || await queue.FindAsync(tx, work.Id, cancellation) is not { IsOpen: true })
        {
            await EndSurplusKey.StartAsync(queue, tx, license, key, cancellation);
        }
        else if ((await provisioning.RecordKeyAsync(tx, license.Id, key, cancellation)).IsDone)
        {
            await steps.Store.NoteAsync(tx, license, Actor.Keygate, $"Key {key.KeyNumber} of a try without an answer turned up at the issuer: the request goes on with it", cancellation);
        }

        // While the request is just being asked for again, its answer or its own look comes first; the next look sees what is left over.
        return Move.Next;
    }

    // A key that another license of this issuer already has is not the answer to this request, even where it carries the trace; one that lives is a
    // better answer than one that was terminated. Two issuers may well give the same numbers.
    private async Task<IReadOnlyList<IssuedKey>> OfNobodyAsync(PluginId issuer, IReadOnlyList<IssuedKey> keys, CancellationToken cancellation)
    {
        var ofNobody = new List<IssuedKey>();
        foreach (var key in keys.OrderBy(k => k.Terminated))
        {
            if (!await database.ReadAsync(s => steps.Store.HasKeyAsync(s, issuer, key.KeyNumber, cancellation), cancellation))
            {
                ofNobody.Add(key);
            }
        }

        return ofNobody;
    }

    /// <summary>The license request in the issuer's terms, with the trace where one was laid already.</summary>
    internal static IssueRequest Asked(License license)
    {
        var request = Json.Read<RequestLicenseRequest>(license.Request);
        return new IssueRequest
        {
            LicenseId = license.Id.Value,
            KeyType = license.KeyType,
            Features = request.Features,
            AddOns = request.AddOns,
            BillType = Enum.Parse<Plugins.Abstractions.BillType>(license.BillTypeName),
            IpAddresses = license.IpAddresses is { } assigned ? Json.Read<List<string>>(assigned) : request.IpAddresses,
            Activation = license.HardwareId is null && license.Instance is null ? null : new ActivationData(license.HardwareId, license.Instance),
            Trace = license.Trace ?? "",
        };
    }

    private static IssueRequest Traced(Intent intent) => intent.Read<IssueRequest>() with { Trace = intent.TokenAsMac };

    private Task<License> MoveAsync(
        Tx tx, License license, string keyNumber, DateOnly? expiration, DateOnly? update, DateOnly? sus, string? code, string? trace, CancellationToken cancellation) =>
        steps.Store.MoveAsync(
            tx, license,
            license with
            {
                KeyNumber = keyNumber, IssuedAt = steps.Time.GetUtcNow(), ActivationCode = code, ExpirationDate = expiration, UpdateDate = update, SusDate = sus, Trace = trace,
            },
            LicenseOperation.Issue, MoveOutcome.Done, Actor.Keygate, $"Key {keyNumber} issued", cancellation);

    private async Task SettleAddOnsAsync(Tx tx, License license, IssuedKey key, CancellationToken cancellation)
    {
        var waiting = (await steps.Store.AddOnsAsync(tx, license.Id, cancellation)).Where(a => a.KeyNumber is null).ToList();
        foreach (var additional in key.AdditionalKeys)
        {
            // An issuer that does not tell the key types leaves no doubt where a single one was asked for.
            var member = waiting.Find(a => a.KeyType == additional.KeyType)
                ?? (additional.KeyType.Length == 0 && waiting.Count == 1 && key.AdditionalKeys.Count == 1 ? waiting[0] : null);
            if (member is not null)
            {
                waiting.Remove(member);
                await MoveAsync(tx, member, additional.KeyNumber, additional.ExpirationDate, null, null, additional.ActivationCode, null, cancellation);
                continue;
            }

            await UnaskedKey.StoreAsync(
                steps.Store, tx, license, additional, $"Key {additional.KeyNumber} came with {key.KeyNumber} without being ordered", Actor.Keygate, steps.Time.GetUtcNow(), cancellation);
        }

        // The base goes on; what is missing stands where stopped work stands, so that a person sees it.
        foreach (var missing in waiting)
        {
            await queue.StartAsync(tx, AwaitAddOnKey.Start(missing.Id), cancellation);
        }
    }
}
