using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Keygate.Work;
using Answer = Keygate.Work.Answer;

namespace Keygate.Licensing;

/// <summary>Reads the key before it is changed: where the issuer has something else than stands here, nothing is changed on top of it.</summary>
internal sealed class ReadToChangeStep(ChangeSteps steps, PluginHost plugins) : OutsideStep
{
    public override string Name => "read";

    public override ActKind Act => ActKind.Read;

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return ChangeKeyStep.Next(await steps.RowAsync(session, work, cancellation)) is null
            ? null
            : new Asking { Lane = license.IssuerId.Lane, Request = Json.Write(new Ask(license.KeyNumber!)) };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation) =>
        (await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error)
            ? await issuer.ShowAsync(intent.Read<Ask>().KeyNumber, cancellation)
            : Answer.NotDone(error);

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, ChangeSteps.Of(work), cancellation);
        var key = answer.Read<ShownKey>();
        var differs = key.Issued.Terminated || key.Suspended ? "it is terminated or suspended there"
            : key.KeyType.Length > 0 && !string.Equals(key.KeyType, license.KeyType, StringComparison.OrdinalIgnoreCase) ? $"its key type is {key.KeyType} there and {license.KeyType} here"
            : !key.Features.ToHashSet(StringComparer.OrdinalIgnoreCase).IsSupersetOf(license.FeatureList) ? $"it has {Shown(key.Features)} there and {Shown(license.FeatureList)} here"
            : null;
        return differs is null
            ? Move.Next
            : Move.Stop(LicensingErrors.ChangeStale.Because($"Key {license.KeyNumber} is not at the issuer what it is here: {differs}.").Mend("Give this change up, have the difference cured, then preview it anew."));
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);

    private static string Shown(IReadOnlyList<string> features) => features.Count == 0 ? "no features" : string.Join(", ", features);

    private sealed record Ask(string KeyNumber);
}

/// <summary>
/// One act after the other at the issuer. The intent is committed before each call; where the answer is lost the key is looked at: whether it has what the act brings,
/// and no longer what it takes.
/// </summary>
internal sealed class ChangeKeyStep(ChangeSteps steps, PluginHost plugins, WorkQueue queue) : OutsideStep
{
    public override string Name => "change";

    public override ActKind Act => ActKind.Once;

    /// <summary>The next act of a change for the issuer; null where all of them are done.</summary>
    public static ChangeAct? Next(ChangeRow row) => row.What.Acts.Where(a => a.Kind != ChangeActKind.EndAddOn).ElementAtOrDefault(row.Done);

    public override async Task<Asking?> PrepareAsync(Session session, WorkItem work, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(session, work, cancellation);
        return Next(await steps.RowAsync(session, work, cancellation)) is not { } act || license.TerminatedAt is not null ? null : new Asking
        {
            Lane = license.IssuerId.Lane, Keys = act.Kind == ChangeActKind.AddAddOn ? 1 : 0, Request = Json.Write(Change(license, act)),
        };
    }

    public override async Task<Answer> CallAsync(Intent intent, CancellationToken cancellation) =>
        (await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error)
            ? await issuer.ChangeAsync(intent.Read<KeyChange>(), cancellation)
            : Answer.NotDone(error);

    public override async Task<Look> LookAsync(Intent intent, CancellationToken cancellation)
    {
        if (!(await plugins.IssuerAsync(PluginId.OfLane(intent.Lane), cancellation)).TryGet(out var issuer, out var error))
        {
            return Look.NotAsked(error);
        }

        var change = intent.Read<KeyChange>();
        var answer = await issuer.ShowAsync(change.KeyNumber, cancellation);
        if (answer.Outcome != Work.Outcome.Done)
        {
            return Look.NotAsked(answer.Error ?? PluginsErrors.Unknown);
        }

        var key = answer.Read<ShownKey>();
        var features = key.Features.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var made = key.Issued.AdditionalKeys.Where(k => change.AddOns.Contains(k.KeyType, StringComparer.OrdinalIgnoreCase)).ToList();
        var there = change.Brings.All(features.Contains) && !change.Takes.Any(features.Contains) && made.Count >= change.AddOns.Count
            && (change.KeyType is null || string.Equals(change.KeyType, key.KeyType, StringComparison.OrdinalIgnoreCase));
        return there
            ? Look.Found(new ChangedKey(key.Issued.KeyNumber, key.Issued.ExpirationDate, key.Issued.UpdateDate) { AdditionalKeys = made })
            : Look.Absent(issuer.ChangeMayStillTake);
    }

    public override async Task<Move> SettleAsync(Tx tx, WorkItem work, Intent intent, Answer answer, CancellationToken cancellation)
    {
        var license = await steps.Store.LockAsync(tx, ChangeSteps.Of(work), cancellation);
        var row = await steps.RowAsync(tx, work, cancellation);
        var (act, key) = (Next(row)!, answer.Read<ChangedKey>());
        var make = ChangeRules.After(new LicenseMake(license.KeyType, license.FeatureList, []), act);
        await steps.Store.NoteAsync(
            tx, license, Actor.Keygate, $"Changed at the issuer, {act.Kind} {act.Plan}: key {key.KeyNumber}",
            """
            key_type = @KeyType, class_name = @name, features = @features, key_number = @KeyNumber, expiration_date = coalesce(@ExpirationDate, expiration_date),
            update_date = coalesce(@UpdateDate, update_date)
            """,
            new
            {
                make.KeyType, name = make.KeyType == license.KeyType ? license.ClassName : (await steps.Catalog.GetAsync(tx, cancellation)).Class(make.KeyType)?.Name ?? make.KeyType,
                features = Json.Write(make.Features), key.KeyNumber, key.ExpirationDate, key.UpdateDate,
            }, cancellation);
        if (act.Kind == ChangeActKind.AddAddOn)
        {
            await AddAddOnAsync(tx, license, act.To!, key, cancellation);
        }

        await steps.Changes.DoneAsync(tx, license.Id, row.Done + 1, cancellation);
        if (license.RetrievedAt is not null || license.UploadedAt is not null)
        {
            await steps.Renewals.FileDueAsync(tx, license.Id, cancellation);
        }

        return Move.To(Name);
    }

    public override Task StoppedAsync(Tx tx, WorkItem work, Failure failure, CancellationToken cancellation) => steps.StoppedAsync(tx, work, failure, cancellation);

    /// <summary>A key that has what was asked for cannot have it twice; an additional key that nobody here has was made in addition, and is ended.</summary>
    public override async Task<Move> SurplusAsync(Tx tx, WorkItem work, Intent intent, Look found, CancellationToken cancellation)
    {
        var license = await steps.FindAsync(tx, work, cancellation);
        foreach (var key in Json.Read<ChangedKey>(found.Value!).AdditionalKeys)
        {
            await EndSurplusKey.StartAsync(queue, tx, license, new IssuedKey { KeyNumber = key.KeyNumber }, cancellation);
        }

        return Move.Next;
    }

    private static KeyChange Change(License license, ChangeAct act)
    {
        var change = new KeyChange(
            license.KeyNumber!, act.Kind == ChangeActKind.Downgrade ? ChangeKind.Remove : ChangeKind.Apply, [act.Plan], Enum.Parse<Plugins.Abstractions.BillType>(license.BillTypeName));
        return act.Kind == ChangeActKind.AddAddOn ? change with { AddOns = [act.To!] }
            : act.From == license.KeyType ? change with { KeyType = act.To }
            : change with { Brings = act.To is { } come ? [come] : [], Takes = act.From is { } left ? [left] : [] };
    }

    private async Task AddAddOnAsync(Tx tx, License license, string keyType, ChangedKey key, CancellationToken cancellation)
    {
        var known = (await steps.Store.AddOnsAsync(tx, license.Id, cancellation)).Select(a => a.KeyNumber is null ? "" : LicenseStore.StemOf(a.KeyNumber)).ToHashSet(StringComparer.Ordinal);
        var made = key.AdditionalKeys.FirstOrDefault(k => !known.Contains(LicenseStore.StemOf(k.KeyNumber)))
            ?? throw new InvalidOperationException($"The issuer made an additional key of {keyType} for {license.KeyNumber} and did not say which.");
        var @class = (await steps.Catalog.GetAsync(tx, cancellation)).Class(keyType);
        var request = Json.Read<RequestLicenseRequest>(license.Request) with { KeyType = keyType, Features = [], AddOns = [] };
        var id = await steps.Store.InsertAsync(tx, license with
        {
            ParentId = license.Id, Ordered = true, KeyType = keyType, ClassName = @class?.Name ?? keyType, ActivationName = (@class?.Activation ?? Catalog.Activation.None).ToString(),
            BillTypeName = @class?.BillType.ToString() ?? license.BillTypeName, Request = Json.Write(request), KeyNumber = made.KeyNumber, IssuedAt = steps.Licenses.Time.GetUtcNow(),
            ActivationCode = made.ActivationCode, ExpirationDate = made.ExpirationDate, ActivatedAt = null, RetrievedAt = null, UploadedAt = null, InstalledAt = null,
            InstalledPlaces = null, InstalledByHand = null, UpdateDate = null, SusDate = null, Trace = null, Features = null,
        }, Actor.Keygate, cancellation);
        await steps.Store.HistoryAsync(tx, id, Actor.Keygate, null, LicenseState.Issued, $"Additional key {made.KeyNumber} issued to {key.KeyNumber}", cancellation);
    }
}

/// <summary>Writes what came of it: additional licenses that left are terminated, those that came are fetched and installed with their base.</summary>
internal sealed class SettleChangeStep(ChangeSteps steps, TerminationStore terminations, LicenseProvisioning provisioning, WorkQueue queue) : LocalStep
{
    public override string Name => "settle";

    public override async Task<Move> RunAsync(Tx tx, WorkItem work, CancellationToken cancellation)
    {
        var all = await steps.Store.LockWithAddOnsAsync(tx, ChangeSteps.Of(work), cancellation);
        var (license, change) = (all[0], (await steps.RowAsync(tx, work, cancellation)).What);
        foreach (var act in change.Acts.Where(a => a.Kind == ChangeActKind.EndAddOn))
        {
            foreach (var addOn in all.Where(m => m.Id != license.Id && m.KeyType == act.From && m.TerminatedAt is null))
            {
                await TerminationProcess.AskAsync(terminations, queue, tx, new TerminationPayload(addOn.Id, $"license {license.Id} was changed", Cascade: false), null, cancellation);
            }
        }

        if (change.Acts.Any(a => a.Kind == ChangeActKind.AddAddOn) && license.RetrievedAt is not null)
        {
            await provisioning.StartAsync(tx, license.Id, license.InstalledAt is null ? Until.Retrieved : Until.Installed, null, cancellation);
        }

        if (license.InstalledByHand is not null)
        {
            await queue.StartAsync(tx, HandOver.Start(license), cancellation);
        }

        await steps.TellAsync(tx, license, change, cancellation);
        return Move.Next;
    }
}
