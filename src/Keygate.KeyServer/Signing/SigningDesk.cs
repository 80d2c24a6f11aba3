using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Verification;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer;

/// <summary>A status list: the part of the keys' numbers that it covers, and how it was last signed.</summary>
/// <param name="Shard">Its number, from 0.</param>
/// <param name="First">The first key number in it.</param>
/// <param name="Last">The last one.</param>
/// <param name="Number">Rises with each list that is signed; 0 while none was.</param>
/// <param name="IssuedAt">When it was signed last.</param>
/// <param name="ExpiresAt">When it ends unless it is signed anew.</param>
/// <param name="Pending">True where something has changed since it was signed; the next fetch brings it.</param>
/// <param name="NotGood">How many keys in it are suspended or revoked.</param>
public sealed record StatusListView(int Shard, long First, long Last, int Number, DateTimeOffset? IssuedAt, DateTimeOffset? ExpiresAt, bool Pending, int NotGood);

/// <summary>A key that its status list calls suspended or revoked.</summary>
/// <param name="Key">The key's number, without prefix.</param>
/// <param name="Revoked">True for revoked, false for suspended.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who said so.</param>
/// <param name="At">When.</param>
public sealed record StatusLine(KeyId Key, bool Revoked, string Reason, string By, DateTimeOffset At);

/// <summary>How a caller writes: in one transaction of the key server's database, as somebody.</summary>
/// <param name="act">What is written.</param>
public delegate Task<Result<T>> Writing<T>(Func<Tx, Actor, Task<Result<T>>> act);

/// <summary>
/// Signing keys, trust bundle and status lists as the issuer's staff works with them. Keys are made and words are signed before the transaction in which they are kept, so that the caller hands over how it
/// writes.
/// </summary>
public sealed class SigningDesk : Desk
{
    internal SigningDesk(IServiceProvider room)
        : base(room)
    {
    }

    /// <summary>The keys that sign, or did, and the root.</summary>
    public Task<Result<IReadOnlyList<SigningKeyView>>> ListAsync(CancellationToken cancellation) =>
        SayWhenNobodySignsAsync<IReadOnlyList<SigningKeyView>>(async () => (await Get<SigningRing>().ListAsync(cancellation)).ConvertAll(SigningKeyView.Of));

    /// <summary>Makes another key the one that signs.</summary>
    public Task<Result<SigningKeyView>> RotateAsync(RotateSigningKeyRequest request, Writing<SigningKeyView> write, CancellationToken cancellation)
    {
        var handler = Get<RotateSigningKeyHandler>();
        return SayWhenNobodySignsAsync(async () => handler.Prepare(request).TryGet(out var key, out var refusal)
            ? await write((tx, actor) => handler.HandleAsync(tx, key, actor.Name, cancellation))
            : refusal);
    }

    /// <summary>Makes another key the root.</summary>
    public Task<Result<RootRotationView>> RotateRootAsync(RotateRootRequest request, Writing<RootRotationView> write, CancellationToken cancellation)
    {
        var handler = Get<RotateRootHandler>();
        return SayWhenNobodySignsAsync(async () => (await handler.PrepareAsync(request, cancellation)).TryGet(out var rotation, out var refusal)
            ? await write((tx, actor) => handler.HandleAsync(tx, rotation, actor.Name, cancellation))
            : refusal);
    }

    /// <summary>Signs some of what another key has signed anew; to be repeated until nothing remains.</summary>
    public Task<Result<SigningAnew>> SignAnewAsync(string name, Actor actor, CancellationToken cancellation) =>
        SayWhenNobodySignsAsync(() => Get<SignAnewHandler>().HandleAsync(name, actor.Name, cancellation));

    /// <summary>Revokes a key that signs no more.</summary>
    public Task<Result<SigningKeyView>> RevokeAsync(Tx tx, string name, RevokeSigningKeyRequest request, Actor actor, CancellationToken cancellation) =>
        Get<RevokeSigningKeyHandler>().HandleAsync(tx, name, request, actor.Name, cancellation);

    /// <summary>The certificates that license files are verified with, as PEM.</summary>
    public Task<Result<string>> TrustAsync(CancellationToken cancellation) => SayWhenNobodySignsAsync<string>(async () => (await Get<SigningRing>().TrustAsync(cancellation)).ToPem());

    /// <summary>The root certificate, which products pin, as PEM.</summary>
    public Task<Result<string>> RootAsync(CancellationToken cancellation) =>
        SayWhenNobodySignsAsync<string>(async () => TrustBundle.Of([(await Get<SigningRing>().RootAsync(cancellation)).Certificate]).ToPem());

    /// <summary>Where the Partner APIs are, and the certificate to pin.</summary>
    public async Task<PartnerDoorView> DoorAsync(CancellationToken cancellation) =>
        new(Get<IOptions<KeyServerOptions>>().Value.PublicUrl, await Get<PartnerTlsCertificate>().ToPemAsync(cancellation));

    /// <summary>The status lists by number; one that nobody has fetched and nothing has changed in is left out.</summary>
    public async Task<IReadOnlyList<StatusListView>> StatusListsAsync(Session session, CancellationToken cancellation) =>
        [.. (await Get<TrustStore>().ListsAsync(session, cancellation)).Select(row => new StatusListView(
            row.Shard, Math.Max(1, (long)row.Shard * LicenseFormat.StatusShardKeys), ((row.Shard + 1L) * LicenseFormat.StatusShardKeys) - 1, row.Number, row.IssuedAt, row.ExpiresAt,
            row.Changes != row.SignedChanges, row.NotGood))];

    /// <summary>The keys that are suspended or revoked, by number.</summary>
    public Task<Result<Page<StatusLine>>> NotGoodAsync(Session session, PageRequest page, CancellationToken cancellation) =>
        page.OldestFirstAsync(
            "not-good", (after, rows) => Get<TrustStore>().NotGoodAsync(session, after, rows, cancellation), row => row.KeyId,
            row => new StatusLine(KeyId.Of(row.KeyId), row.Status == KeyStatus.Revoked, row.Reason, row.ChangedBy, row.ChangedAt));

    // A remote signer that is away is nobody's bug.
    private static async Task<Result<T>> SayWhenNobodySignsAsync<T>(Func<Task<Result<T>>> act)
    {
        try
        {
            return await act();
        }
        catch (SignerException e)
        {
            return KeyServerErrors.SignerUnavailable.Because(e.Message);
        }
    }
}
