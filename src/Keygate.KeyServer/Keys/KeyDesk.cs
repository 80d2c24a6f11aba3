using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Keygate.Verification;

namespace Keygate.KeyServer;

/// <summary>What an act on a key needs to know beside the key; what the act does not ask for is not looked at.</summary>
public sealed record KeyActInput
{
    /// <summary>Why; for suspending, resuming and revoking.</summary>
    public string? Reason { get; init; }

    /// <summary>The hardware id or instance; for activating and transferring.</summary>
    public string? ActivatedFor { get; init; }

    /// <summary>The IP address; for binding.</summary>
    public string? Address { get; init; }

    /// <summary>The note.</summary>
    public string? Note { get; init; }
}

/// <summary>What a product reported of its use.</summary>
/// <param name="Resellers">Resellers on it.</param>
/// <param name="Clients">Clients on it.</param>
/// <param name="Domains">Domains on it.</param>
/// <param name="Addresses">Where it runs.</param>
/// <param name="ProductVersion">Its version.</param>
/// <param name="ReportedAt">When it said so.</param>
public sealed record KeyUsage(int Resellers, int Clients, int Domains, string Addresses, string ProductVersion, DateTimeOffset ReportedAt);

/// <summary>A feature of a key with its name.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Name">Full readable name.</param>
public sealed record KeyFeature(string Id, string Name);

/// <summary>A key as the issuer's staff sees it, with what can be done to it now.</summary>
public sealed record KeySheet
{
    /// <summary>The key, its history included.</summary>
    public required KeyView Key { get; init; }

    /// <summary>Who owns it.</summary>
    public required ClientView Client { get; init; }

    /// <summary>Its features.</summary>
    public required IReadOnlyList<KeyFeature> Features { get; init; }

    /// <summary>The address that it is bound to; null for none.</summary>
    public string? BoundTo { get; init; }

    /// <summary>True where its status list says that it is suspended.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>True where its status list says that it is revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>Why it is suspended or revoked.</summary>
    public string StatusReason { get; init; } = "";

    /// <summary>Notes on it.</summary>
    public required IReadOnlyList<KeyNote> Notes { get; init; }

    /// <summary>What its product reported last; null where it never did.</summary>
    public KeyUsage? Usage { get; init; }

    /// <summary>The servers that use it side by side; empty where none or one does.</summary>
    public required IReadOnlyList<ServerView> Servers { get; init; }

    /// <summary>What can be done to it now.</summary>
    public required IReadOnlyList<KeyAct> Possible { get; init; }
}

/// <summary>The keys as the issuer's staff works with them; it reaches all.</summary>
public sealed class KeyDesk : Desk
{
    /// <summary>How far back use on several servers counts where nobody says otherwise.</summary>
    public const int MultiUseDays = 45;

    private const int IdentifierMax = 255, SweepsShown = 10, NumberDigits = 8;

    internal KeyDesk(IServiceProvider room)
        : base(room)
    {
    }

    /// <summary>Keys, the newest first.</summary>
    /// <param name="session">A session of the key server's database.</param>
    /// <param name="client">Login or number of the owner; null for all.</param>
    /// <param name="number">A key number or activation code; null for all.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Result<Page<KeyView>>> ListAsync(Session session, string? client, string? number, PageRequest page, CancellationToken cancellation)
    {
        var (keys, reader) = (Get<KeyStore>(), Get<KeyReader>());
        KeyName? name = null;
        if (number is not null && !TryName(number, out name))
        {
            return KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.").At("number");
        }

        var owner = client is null ? null : await ClientName.FindAsync(session, Get<ClientStore>(), client, cancellation);
        if (client is not null && owner is null)
        {
            return KeyServerErrors.ClientUnknown.Because($"There is no client \"{client}\".").At("client");
        }

        if (name is not null)
        {
            var found = await keys.FindAsync(session, name, cancellation);
            return found is null || (owner is not null && found.ClientId != owner.Id)
                ? new Page<KeyView>([], null)
                : new Page<KeyView>(await reader.LinesAsync(session, [found], cancellation), null);
        }

        var read = await page.NewestFirstAsync(
            $"keys {client}", (before, rows) => keys.PageAsync(session, owner?.Id, null, before > int.MaxValue ? null : KeyId.Of((int)before), rows, cancellation), k => k.Id.Value, k => k);
        return read.TryGet(out var rows, out var refusal) ? new Page<KeyView>(await reader.LinesAsync(session, [.. rows.Items], cancellation), rows.Next) : refusal;
    }

    /// <summary>The key of a number or activation code, or else the newest keys that an address names; none for any other text.</summary>
    public async Task<Result<Page<KeyView>>> FindAsync(Session session, string text, string? client, PageRequest page, CancellationToken cancellation)
    {
        if (TryName(text, out _))
        {
            return await ListAsync(session, client, text, page, cancellation);
        }

        return Wire.TryIp(text, out var address) || Wire.TryMac(text, out address)
            ? new Page<KeyView>(await Get<KeyReader>().LinesAsync(session, await Get<KeyStore>().WithAddressAsync(session, address, page.Limit, cancellation), cancellation), null)
            : new Page<KeyView>([], null);
    }

    /// <summary>A key with all that the staff can know and do.</summary>
    public async Task<Result<KeySheet>> ShowAsync(Session session, string number, CancellationToken cancellation)
    {
        if (!TryName(number, out var name))
        {
            return KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.");
        }

        if (!(await Get<KeyAccess>().FindAsync(session, name, Staff(""), cancellation)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        var (keys, reader) = (Get<KeyStore>(), Get<KeyReader>());
        var now = Get<TimeProvider>().GetUtcNow();
        var details = await reader.ReadAsync(session, key, cancellation);
        var status = await Get<TrustStore>().FindAsync(session, key.Id, cancellation);
        var boundTo = await keys.FindBindingAsync(session, key.Id, cancellation);
        var usage = await keys.FindUsageAsync(session, key.Id, cancellation);
        var isRevoked = status?.Status == KeyStatus.Revoked;
        return new KeySheet
        {
            Key = await reader.ViewAsync(session, key, cancellation),
            Client = ClientView.Of((await Get<ClientStore>().FindAsync(session, key.ClientId, cancellation))!),
            Features = [.. details.Features.Select(f => new KeyFeature(f.Id, f.Name))],
            BoundTo = boundTo,
            IsSuspended = status?.Status == KeyStatus.Suspended,
            IsRevoked = isRevoked,
            StatusReason = status?.Reason ?? "",
            Notes = [.. (await keys.NotesAsync(session, key.Id, cancellation)).Select(row => new KeyNote(row.At, row.Author, row.Note))],
            Usage = usage is null ? null : new KeyUsage(usage.Resellers, usage.Clients, usage.Domains, usage.Addresses, usage.ProductVersion, usage.ReportedAt),
            Servers = await ServersAsync(session, key.Id, now - TimeSpan.FromDays(MultiUseDays), cancellation),
            Possible = KeyPossible.Of(key, details.KeyType, isRevoked, boundTo is not null, DateOnly.FromDateTime(now.UtcDateTime)),
        };
    }

    /// <summary>Issues a key for a client. <b>Not repeatable</b>.</summary>
    public async Task<Result<KeyView>> IssueAsync(Tx tx, IssueKeyRequest request, Actor actor, CancellationToken cancellation) =>
        await ViewAsync(tx, await Get<IssueKeyHandler>().HandleAsync(tx, request, Staff(actor.Name), cancellation), cancellation);

    /// <summary>Does something to a key in the caller's transaction; what needs none, such as a download, is another method's.</summary>
    public async Task<Result<KeyView>> ActAsync(Tx tx, string number, KeyAct act, KeyActInput input, Actor actor, CancellationToken cancellation)
    {
        if (!TryName(number, out var name))
        {
            return KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.");
        }

        var (staff, reason) = (Staff(actor.Name), new KeyReason { Reason = input.Reason });
        if (!IdentifierOf(input.ActivatedFor).TryGet(out var activatedFor, out var malformed))
        {
            return malformed;
        }

        return await ViewAsync(
            tx,
            act switch
            {
                KeyAct.Renew => KeyOf(await Get<RenewKeyHandler>().HandleAsync(tx, name, staff, cancellation)),
                KeyAct.Activate => KeyOf(await Get<ActivateKeyHandler>().HandleAsync(tx, name, activatedFor, staff, cancellation)),
                KeyAct.Reset => KeyOf(await Get<ResetKeyHandler>().HandleAsync(tx, name, staff, cancellation)),
                KeyAct.Transfer => KeyOf(await Get<TransferKeyHandler>().HandleAsync(tx, name, activatedFor, staff, cancellation)),
                KeyAct.Bind => Wire.TryIp(input.Address?.Trim() ?? "", out var address)
                    ? (await Get<BindKeyHandler>().HandleAsync(tx, name, address, staff, cancellation)).Map(bound => bound.Key)
                    : KeyServerErrors.IpMalformed.Because($"\"{input.Address}\" is no IP address.").At("address"),
                KeyAct.Unbind => KeyOf(await Get<UnbindKeyHandler>().HandleAsync(tx, name, staff, cancellation)),
                KeyAct.RenewByItself or KeyAct.RenewNoMore => await Get<SetAutoRenewHandler>().HandleAsync(tx, name, act == KeyAct.RenewByItself, staff, cancellation),
                KeyAct.Note => await Get<AddNoteHandler>().HandleAsync(tx, name, input.Note ?? "", staff, cancellation),
                KeyAct.Suspend or KeyAct.Resume => KeyOf(await Get<SuspendKeyHandler>().HandleAsync(tx, name, reason, act == KeyAct.Suspend, staff, cancellation)),
                KeyAct.Terminate => KeyOf(await Get<TerminateKeyHandler>().HandleAsync(tx, name, staff, cancellation)),
                KeyAct.Revoke => await Get<RevokeKeyHandler>().HandleAsync(tx, name, reason, staff, cancellation),
                _ => throw new InvalidOperationException($"{act} is no act that writes."),
            },
            cancellation);
    }

    /// <summary>The license file of a key's present revision.</summary>
    public async Task<Result<SignedLicenseView>> DownloadAsync(string number, Actor actor, CancellationToken cancellation) =>
        TryName(number, out var name)
            ? (await Get<RetrieveKeyHandler>().HandleAsync(name, SignedForm.File, Staff(actor.Name), cancellation)).Map(made => DownloadKeyEndpoint.View(made, SignedForm.File))
            : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.");

    /// <summary>Keys that several servers use side by side.</summary>
    /// <param name="session">A session of the key server's database.</param>
    /// <param name="days">How far to look back.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Result<Page<MultiUseView>>> MultiUseAsync(Session session, int days, PageRequest page, CancellationToken cancellation)
    {
        var since = Get<TimeProvider>().GetUtcNow() - TimeSpan.FromDays(days);
        var found = await page.OldestFirstAsync(
            $"multi-use {days}", (after, rows) => Get<SightingStore>().SeveralAsync(session, since, after, rows, cancellation), id => id, id => id);
        if (!found.TryGet(out var ids, out var refusal))
        {
            return refusal;
        }

        var views = new List<MultiUseView>();
        foreach (var id in ids.Items.Select(KeyId.Of))
        {
            var key = (await Get<KeyStore>().PageAsync(session, null, id, null, 1, cancellation)).Single();
            views.Add(new MultiUseView(key.Number.ToString(), key.ClientId, key.KeyType, await ServersAsync(session, id, since, cancellation)));
        }

        return new Page<MultiUseView>(views, ids.Next);
    }

    /// <summary>Leases that the key server renews by itself and whose update date comes within so many days; or only those that failed today.</summary>
    public async Task<Result<Page<DueKeyView>>> DueAsync(Session session, int days, bool failedOnly, PageRequest page, CancellationToken cancellation)
    {
        var today = Get<TimeProvider>().Utc();
        return await page.OldestFirstAsync(
            $"renewals due {days} {failedOnly}", (after, rows) => Get<RenewalStore>().ListAsync(session, today.AddDays(days), today, failedOnly, after, rows, cancellation),
            row => row.Id.Value, row => DueKeyView.Of(row, today));
    }

    /// <summary>The newest sweeps over due leases.</summary>
    public async Task<IReadOnlyList<RenewalSweepView>> SweepsAsync(Session session, CancellationToken cancellation) =>
        [.. (await Get<RenewalStore>().SweepsAsync(session, long.MaxValue, SweepsShown, cancellation)).Select(RenewalSweepView.Of)];

    /// <summary>Begins a sweep over what is due now.</summary>
    public async Task<Result<RenewalsBegun>> BeginRenewalsAsync(Tx tx, Actor actor, CancellationToken cancellation) =>
        new RenewalsBegun(await Get<BeginRenewals>().BeginAsync(tx, actor.Name, cancellation));

    // Lists name a key by its eight digits alone where they know no more: those identify it, whatever its prefix.
    private static bool TryName(string text, [NotNullWhen(true)] out KeyName? name)
    {
        name = text.Length == NumberDigits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? KeyName.Of(KeyId.Of(number)) : null;
        return name is not null || KeyName.TryParse(text, out name);
    }

    internal static Result<string?> IdentifierOf(string? text) =>
        text?.Trim() is not { Length: > 0 } identifier ? (string?)null
        : identifier.Length > IdentifierMax || identifier.Any(char.IsControl) ? KeyServerErrors.ParametersMalformed.Because("A hardware id or instance has at most 255 characters, none of them a control character.").At("activatedFor")
        : identifier;

    private static KeyCaller Staff(string name) => new(name, null);

    private static Result<KeyRow> KeyOf(Result<ChangedKey> changed) => changed.Map(c => c.Key);

    private async Task<IReadOnlyList<ServerView>> ServersAsync(Session session, KeyId key, DateTimeOffset since, CancellationToken cancellation) =>
        [.. (await Get<SightingStore>().ServersAsync(session, key, since, cancellation)).Select(r => new ServerView(r.Server, r.Addresses, r.ProductVersion, r.Reports, r.FirstAt, r.LastAt))];

    private async Task<Result<KeyView>> ViewAsync(Session session, Result<KeyRow> result, CancellationToken cancellation) =>
        result.TryGet(out var key, out var refusal) ? await Get<KeyReader>().ViewAsync(session, key, cancellation) : refusal;
}
