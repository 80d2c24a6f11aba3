using System.Globalization;
using Keygate.Plugins.Abstractions;
using Keygate.XmlRpc;
using Microsoft.Extensions.Logging;

namespace Keygate.Issuers;

/// <summary>
/// Issues keys at a Key Administrator. Method names, forms and fields as in the reference of the Partner API 1.0; the trace of an order goes
/// into <c>ServerAddress.macs</c>, since the API has no token of its own.
/// </summary>
internal sealed class KeyAdministrator(KeyAdministratorSettings settings, ILogger logger) : IIssuer, IFindsKeys, IActivatesKeys, IRenewsKeys, IChangesKeys, ISuspendsKeys, ITerminatesKeys, IListsOffer
{
    private readonly PartnerApi _api = new(settings);

    public TimeSpan MayStillTake => settings.MayStillTake;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task<Answer<Checked>> CheckAsync(CancellationToken cancellation)
    {
        var offer = await ListOfferAsync(cancellation);
        if (offer.Outcome == Outcome.Done)
        {
            return Answer.Done(new Checked(string.Create(CultureInfo.InvariantCulture,
                $"Logged in to {settings.Place} as {settings.Login}; {offer.Value!.KeyTypes.Count} key types and {offer.Value.Features.Count} features are offered to {settings.Client}.")));
        }

        // A login may order without being allowed to list what there is.
        return offer.Reason?.Code == Code(ResultCodes.MethodDenied)
            ? await _api.CallAsync("validateLogin", CallKind.Search, [],
                _ => new Checked($"Logged in to {settings.Place} as {settings.Login}; it may not list what is offered."), cancellation)
            : offer.As<Checked>();
    }

    /// <summary>
    /// <c>getAvailableKeyTypesAndFeatures</c>, reference 6.12; then the rules behind it, which Keygate's own key server tells and a foreign one does not know.
    /// </summary>
    public async Task<Answer<IssuerOffer>> GetOfferAsync(CancellationToken cancellation)
    {
        var listed = await ListOfferAsync(cancellation);
        if (listed.Outcome != Outcome.Done)
        {
            return listed;
        }

        var rules = await _api.CallAsync("keygate", "getOrderRules", CallKind.Search, [settings.Client], OrderRules.Read, cancellation);
        return Answer.Done(listed.Value! with { Rules = rules.Outcome == Outcome.Done ? rules.Value : null });
    }

    private Task<Answer<IssuerOffer>> ListOfferAsync(CancellationToken cancellation) =>
        _api.CallAsync("getAvailableKeyTypesAndFeatures", CallKind.Search, [settings.Client],
            answer => new IssuerOffer(Texts(answer, "keyTypes"), Texts(answer, "features")) { Raw = PartnerApi.Shown(answer) }, cancellation);

    /// <summary><c>createKey</c>, reference 6.1: six arguments for a plain key; nine where add-ons, a parent or activation data come along.</summary>
    public async Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation)
    {
        var issued = await _api.CallAsync("createKey", CallKind.Act, CreateArguments(request), ReadIssued, cancellation);
        if (issued.Outcome != Outcome.Done || issued.Value!.AdditionalKeys.Count == 0)
        {
            return issued;
        }

        // The answer names the additional keys by number alone. The keys exist whatever becomes of this read.
        var details = await DetailsAsync(issued.Value.KeyNumber, cancellation);
        if (details.Outcome != Outcome.Done)
        {
            logger.LogWarning("{Key} was issued; what its additional keys are could not be read: {Cause}", issued.Value.KeyNumber, details.Reason?.Cause);
            return issued;
        }

        var known = details.Value!.Issued.AdditionalKeys.DistinctBy(k => Bare(k.KeyNumber)).ToDictionary(k => Bare(k.KeyNumber), StringComparer.Ordinal);
        return Answer.Done(issued.Value with
        {
            AdditionalKeys = [.. issued.Value.AdditionalKeys.Select(k => known.TryGetValue(Bare(k.KeyNumber), out var full) ? full with { KeyNumber = k.KeyNumber } : k)],
        });
    }

    /// <summary><c>retrieveKey</c> with two arguments, reference 6.7.</summary>
    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
        _api.CallAsync("retrieveKey", CallKind.Read, [keyNumber], answer =>
        {
            var content = answer["key"].AsBytes();
            return content.IsEmpty ? null : new RetrievedFile(Text(answer, "keyNumber") ?? keyNumber, content.ToArray(), Text(answer, "keyExtension") ?? "xml");
        }, cancellation);

    /// <summary>
    /// <c>activateKey</c>, reference 6.21. A second activation may be refused, so after anything but Done the key itself is asked whether it
    /// is active for the same data.
    /// </summary>
    public async Task<Answer<ActivatedKey>> ActivateAsync(string keyNumber, ActivationData data, CancellationToken cancellation)
    {
        var identifier = data.HardwareId ?? data.Instance;
        var activated = await _api.CallAsync("activateKey", CallKind.Act, identifier is null ? [keyNumber] : [keyNumber, identifier],
            answer => new ActivatedKey(Text(answer, "keyNumber") ?? keyNumber), cancellation);
        if (activated.Outcome is not (Outcome.Refused or Outcome.Unknown) || activated.PausesPlugin)
        {
            return activated;
        }

        var details = await DetailsAsync(keyNumber, cancellation);
        return details is { Outcome: Outcome.Done, Value: { Activated: true } key } && (identifier is null || string.Equals(key.Guid, identifier, StringComparison.OrdinalIgnoreCase))
            ? Answer.Done(new ActivatedKey(key.Issued.KeyNumber))
            : activated;
    }

    /// <summary>
    /// <c>getKeyNumbers</c> by the trace alone (reference 6.10), then <c>getKeyInfo</c> for each number: a key counts as found when it has the
    /// key type and the features that were asked for, terminated or not. Its date of creation is not looked at, since clocks differ. Where only
    /// others carry the trace, a person must look.
    /// </summary>
    public async Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation)
    {
        if (!settings.Trace)
        {
            return Answer.Refused<IReadOnlyList<IssuedKey>>(new Reason(
                "The trace is switched off in the plug-in's settings, so keys cannot be found by it.", "Look at the Key Administrator, then adopt the key or confirm that there is none."));
        }

        var address = new XmlRpcStruct { ["ips"] = new XmlRpcArray(), ["macs"] = XmlRpcArray.Of([asked.Trace]) };
        var numbers = await _api.CallAsync("getKeyNumbers", CallKind.Search, [address], ReadNumbers, cancellation);
        if (numbers.Outcome != Outcome.Done)
        {
            return numbers.As<IReadOnlyList<IssuedKey>>();
        }

        var found = new List<IssuedKey>();
        var unfit = new List<string>();
        foreach (var number in numbers.Value!)
        {
            var details = await DetailsAsync(number, cancellation);
            if (details.Outcome != Outcome.Done)
            {
                // Half an answer is none: the missing key may be the one.
                return details.As<IReadOnlyList<IssuedKey>>();
            }

            if (Same(details.Value!.KeyType, asked.KeyType) && asked.Features.All(f => details.Value.Features.Contains(f)))
            {
                found.Add(details.Value.Issued);
            }
            else
            {
                unfit.Add($"{number} ({(details.Value.KeyType.Length == 0 ? "key type unknown" : details.Value.KeyType)}; {string.Join(", ", details.Value.Features.Order(StringComparer.Ordinal))})");
            }
        }

        // Nobody else draws this trace: a key that carries it was made for this request, and one more would be a second one.
        if (found.Count == 0 && unfit.Count > 0)
        {
            return Answer.Refused<IReadOnlyList<IssuedKey>>(new Reason(
                $"What carries the trace of this request at {settings.Place} has not the key type or the features asked for: {string.Join("; ", unfit)}.",
                "Look at the Key Administrator: adopt the key that is right, or terminate what was made and confirm that there is none."));
        }

        // Numbers of all prefixes come from one sequence.
        return Answer.Done<IReadOnlyList<IssuedKey>>([.. found.OrderBy(k => Serial(k.KeyNumber), StringComparer.Ordinal)]);
    }

    /// <summary><c>getKeyInfo</c>, reference 6.9.</summary>
    public async Task<Answer<ShownKey>> ShowAsync(string keyNumber, CancellationToken cancellation)
    {
        var details = await DetailsAsync(keyNumber, cancellation);
        return details.Outcome == Outcome.Done
            ? Answer.Done(new ShownKey(details.Value!.Issued, details.Value.KeyType, [.. details.Value.Features.Order(StringComparer.Ordinal)])
            {
                Suspended = details.Value.Problem, BillType = details.Value.BillType,
            })
            : details.As<ShownKey>();
    }

    /// <summary><c>renewKey</c>, reference 6.6: one more period of this key alone; it has no token, so a lost answer is looked into by its dates.</summary>
    public Task<Answer<RenewedKey>> RenewAsync(string keyNumber, CancellationToken cancellation) =>
        _api.CallAsync("renewKey", CallKind.Act, [keyNumber],
            answer => new RenewedKey(Text(answer, "keyNumber") ?? keyNumber, Date(answer, "expirationDate"), Date(answer, "updateDate")), cancellation);

    /// <summary>
    /// <c>upgradeKey</c>, reference 6.2, with the plans; <c>downgradeKey</c>, 6.3, with the plan that brought the feature; for an additional key <c>createKey</c> with the
    /// parent's number. 110 says that the key is so already.
    /// </summary>
    public async Task<Answer<ChangedKey>> ChangeAsync(KeyChange change, CancellationToken cancellation)
    {
        if (change.AddOns is not [var addOn])
        {
            return change.Kind == ChangeKind.Remove
                ? await _api.CallAsync("downgradeKey", CallKind.Act, [change.KeyNumber, change.Plans[0]], Changed, cancellation)
                : await _api.CallAsync("upgradeKey", CallKind.Act, [change.KeyNumber, change.Plans is [var one] ? one : XmlRpcArray.Of(change.Plans)], Changed, cancellation);
        }

        var made = await _api.CallAsync(
            "createKey", CallKind.Act,
            CreateArguments(new IssueRequest { LicenseId = 0, KeyType = addOn, BillType = change.BillType, Trace = "", ParentKeyNumber = change.KeyNumber }), ReadIssued, cancellation);
        return made.Outcome != Outcome.Done ? made.As<ChangedKey>() : Answer.Done(new ChangedKey(change.KeyNumber, null, null)
        {
            AdditionalKeys = [new AdditionalKey(made.Value!.KeyNumber, addOn, made.Value.ExpirationDate, made.Value.ActivationCode)],
        });

        ChangedKey Changed(XmlRpcStruct answer) => new(Text(answer, "keyNumber") ?? change.KeyNumber, Date(answer, "expirationDate"), Date(answer, "updateDate"));
    }

    /// <summary><c>problemKey</c> with true, reference 6.5: 110 says that it was marked already.</summary>
    public Task<Answer<SuspendedKey>> SuspendAsync(string keyNumber, CancellationToken cancellation) =>
        _api.CallAsync("problemKey", CallKind.Act, [keyNumber, true], _ => new SuspendedKey(keyNumber, true), cancellation);

    /// <summary><c>problemKey</c> with false.</summary>
    public Task<Answer<SuspendedKey>> ResumeAsync(string keyNumber, CancellationToken cancellation) =>
        _api.CallAsync("problemKey", CallKind.Act, [keyNumber, false], _ => new SuspendedKey(keyNumber, false), cancellation);

    /// <summary><c>terminateKey</c>, reference 6.4: 110 says that it was terminated already; it ends no additional keys.</summary>
    public Task<Answer<TerminatedKey>> TerminateAsync(string keyNumber, CancellationToken cancellation) =>
        _api.CallAsync("terminateKey", CallKind.Act, [keyNumber], _ => new TerminatedKey(keyNumber), cancellation);

    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    private XmlRpcValue[] CreateArguments(IssueRequest request)
    {
        var address = new XmlRpcStruct { ["ips"] = XmlRpcArray.Of(request.IpAddresses), ["macs"] = XmlRpcArray.Of(settings.Trace && request.Trace.Length > 0 ? [request.Trace] : []) };
        var features = XmlRpcArray.Of(request.Features);
        var billing = request.BillType == BillType.Lease ? "billing" : "purchase";
        if (request.AddOns.Count == 0 && request.ParentKeyNumber is null && request.Activation is not ({ HardwareId: not null } or { Instance: not null }))
        {
            return [address, settings.Client, request.KeyType, features, billing];
        }

        // A member that is set to nothing is left out.
        var own = new XmlRpcStruct { ["guid"] = request.Activation?.Instance, ["hwid"] = request.Activation?.HardwareId, ["parentKeyNumber"] = request.ParentKeyNumber };
        return [address, settings.Client, request.KeyType, features, own, XmlRpcArray.Of(request.AddOns), new XmlRpcStruct(), billing];
    }

    private IssuedKey? ReadIssued(XmlRpcStruct answer) => Text(answer, "mainKeyNumber") is not { } number ? null : new IssuedKey
    {
        KeyNumber = number,
        ExpirationDate = Date(answer, "expirationDate"),
        UpdateDate = Date(answer, "updateDate"),
        SusDate = Date(answer, "susDate"),
        ActivationCode = Text(answer, "productKey"),
        AdditionalKeys = [.. Texts(answer, "additionalKeysNumbers").Select(n => new AdditionalKey(n, "", null, null))],
    };

    private static IReadOnlyList<string> ReadNumbers(XmlRpcStruct answer)
    {
        // With 101, and where nothing is found, either list may be missing; both describe the same keys.
        var numbers = Texts(answer, "keyNumbers");
        return numbers.Count > 0 || !answer.GetOrNil("keyInfos").TryToArray(out var infos)
            ? numbers
            : [.. infos.Select(i => Text(i.AsStruct(), "keyNumber")).OfType<string>()];
    }

    /// <summary><c>getKeyInfo</c>, reference 6.9: a read, for terminated keys as well.</summary>
    private Task<Answer<KeyDetails>> DetailsAsync(string number, CancellationToken cancellation) =>
        _api.CallAsync("getKeyInfo", CallKind.Search, [number], answer => answer.GetOrNil("keyInfo").TryToStruct(out var info) ? ReadDetails(info) : null, cancellation);

    private KeyDetails? ReadDetails(XmlRpcStruct info)
    {
        if (Text(info, "keyNumber") is not { } number)
        {
            return null;
        }

        var issued = new IssuedKey
        {
            KeyNumber = number,
            ExpirationDate = Date(info, "expirationDate"),
            UpdateDate = Date(info, "updateDate"),
            ActivationCode = Text(info, "productKey"),
            Terminated = info.GetOrNil("terminated").TryToBoolean(out var terminated) && terminated,
            AdditionalKeys = [.. Structs(info, "additionalKeys")
                .Where(k => Text(k, "keyNumber") is not null)
                .Select(k => new AdditionalKey(Text(k, "keyNumber")!, KeyType(k), Date(k, "expirationDate"), Text(k, "productKey")))],
        };
        return new KeyDetails(
            issued, KeyType(info), Structs(info, "features").Select(f => Text(f, "apiName")).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase),
            info.GetOrNil("activated").TryToBoolean(out var activated) && activated, Text(info, "guid"),
            info.GetOrNil("problem").TryToBoolean(out var problem) && problem, Text(info, "billingType") switch
            {
                "LEASE" => BillType.Lease,
                "PURCHASE" => BillType.Purchase,
                _ => null,
            });
    }

    // Key types that cannot be ordered singly are reported as N/A.
    private static string KeyType(XmlRpcStruct info) => Text(info, "apiKeyType") is { } type && type != "N/A" ? type : "";

    private static IEnumerable<XmlRpcStruct> Structs(XmlRpcStruct from, string member) =>
        from.GetOrNil(member).TryToArray(out var items) ? items.Select(i => i.AsStruct()) : [];

    private static string? Text(XmlRpcStruct from, string member) => from.GetOrNil(member).TryToText(out var text) && text.Length > 0 ? text : null;

    private static IReadOnlyList<string> Texts(XmlRpcStruct from, string member) => from.GetOrNil(member).TryToTexts(out var texts)
        ? texts
        : throw new XmlRpcTypeException($"Member '{member}' is no list of texts.");

    // Dates of the wire have no zone and mean the issuer's own day; one that has a zone is that moment's day there.
    private DateOnly? Date(XmlRpcStruct from, string member) => from.GetOrNil(member).TryToDateTime(out var date)
        ? DateOnly.FromDateTime(date.Kind == DateTimeKind.Utc ? TimeZoneInfo.ConvertTimeFromUtc(date, settings.TimeZone) : date)
        : null;

    // PREFIX.NNNNNNNN.RRRR: the revision moves, the rest identifies the key.
    private static string Bare(string number) => number.Split('.') is [var prefix, var serial, ..] ? $"{prefix}.{serial}" : number;

    private static string Serial(string number) => number.Split('.') is [_, var serial, ..] ? serial : number;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Code(int code) => code.ToString(CultureInfo.InvariantCulture);

    private sealed record KeyDetails(IssuedKey Issued, string KeyType, HashSet<string> Features, bool Activated, string? Guid, bool Problem, BillType? BillType);
}
