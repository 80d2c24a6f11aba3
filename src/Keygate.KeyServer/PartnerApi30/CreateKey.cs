using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// <c>POST keys</c>, reference 3.2: one key for each call, a main or an additional one. The key is committed before the answer leaves, or not at all once the
/// call is too old. <b>Not repeatable</b>: a client that lost the answer looks for the nickname it gave.
/// </summary>
internal sealed class CreateKey(
    VendorDoor vendors, KeyStore store, KeyAccess access, ClientStore clients, PriceListStore priceLists,
    CreateKeyHandler handler, KeysTogether together, ActivateKeyHandler activate, BindKeyHandler bind, AssignProductConfigurationHandler assign, KeyStructures structures,
    IOptions<KeyServerOptions> options, TimeProvider time) : IRestMethod
{
    // What is left of the time is for the commit itself, which is not cut once it is sent.
    private const double BeforeCommit = 0.9;

    public string Verb => "POST";

    public string Path => "keys";

    public string Name => "createKey";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation)
    {
        if (!call.ReturnsState.TryGet(out var returnsState, out var refusal) || !(await KeyBody.ReadAsync(call.Http.Request, cancellation)).TryGet(out var body, out refusal))
        {
            return refusal;
        }

        if (Unfit(body, call) is { } unfit)
        {
            return unfit;
        }

        // Most orders need no more than rows of their own, which go with those of other calls.
        if (together.IsWorthIt && IsPlain(body, call) && priceLists.Known(call.Caller.Client.PriceListId, call.Caller.Client.PriceListVersion) is { } known
            && Plain(body, call, known) is { } plain)
        {
            return !plain.TryGet(out var wanted, out var bad) ? bad
                : (await together.AddAsync(wanted, call.Received)).Map(key => Answer(key.Id, returnsState ? structures.Answer(wanted with { Row = key }, known) : RestAnswer.Empty));
        }

        var limit = options.Value.CommitWithin * BeforeCommit;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var left = limit - TimeProvider.System.GetElapsedTime(call.Received);
        deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            KeyId created = default;
            return await vendors.WriteAsync<RestAnswer>(async tx =>
            {
                if (!(await MakeAsync(tx, body, call, deadline.Token)).TryGet(out var made, out var refused))
                {
                    return refused;
                }

                created = made;
                var answer = await AnswerAsync(tx, made, returnsState, deadline.Token);

                // A client that lost the answer stops waiting for the key after a known time: a key that came later would be a second one.
                return TimeProvider.System.GetElapsedTime(call.Received) < limit ? answer : KeyServerErrors.TooLate;
            }, async s => await AnswerAsync(s, created, returnsState, cancellation), cancellation, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return KeyServerErrors.TooLate;
        }
    }

    private async Task<RestAnswer> AnswerAsync(Session session, KeyId made, bool returnsState, CancellationToken cancellation) =>
        Answer(made, await structures.AnswerAsync(session, made, returnsState, cancellation));

    private RestAnswer Answer(KeyId made, RestAnswer answer) => answer with
    {
        Status = StatusCodes.Status201Created,
        Location = new Uri(string.Create(CultureInfo.InvariantCulture, $"{options.Value.PublicUrl.AbsoluteUri.TrimEnd('/')}/30/keys/{made.Value}")),
    };

    private static Error? Unfit(KeyBody body, RestCall call) =>
        body.Identifiers is { HasValue: true, Value.IsEmpty: false } ? KeyServerErrors.FieldMalformed.Because("keyIdentifiers are given by the key server: leave them out.")
        : !body.Items.HasValue ? KeyServerErrors.FieldMalformed.Because("items is missing: name the base license and its features.")
        : !body.Owner.HasValue && call.Caller.Account == AccountKind.Reseller ? KeyServerErrors.FieldMalformed.Because("ownerId is missing: a reseller's login orders for one of its clients.")
        : body.Terminated is { HasValue: true, Value: true } || body.Suspended is { HasValue: true, Value: true }
            ? KeyServerErrors.OperationUnsupported.Because("A key is created active.").Mend("Leave terminated and suspended out.")
        : body.Parent is { HasValue: true, Value.IsEmpty: true } ? KeyServerErrors.FieldMalformed.Because("parentKeyIdentifiers names no key.")
        : null;

    private async Task<Result<KeyId>> MakeAsync(Tx tx, KeyBody body, RestCall call, CancellationToken cancellation)
    {
        if (!(await OwnerAsync(tx, body, call, cancellation)).TryGet(out var owner, out var unknown))
        {
            return unknown;
        }

        if (body.Parent.HasValue)
        {
            if (!(await access.FindAsync(tx, body.Parent.Value!.Name!, call.Key, cancellation)).TryGet(out var parent, out var denied))
            {
                return denied;
            }

            if (!body.Parent.Value.Fit(parent))
            {
                return KeyServerErrors.IdentifiersDiffer.Because("parentKeyIdentifiers are not those of one key.");
            }
        }

        var list = await priceLists.GetAsync(tx, owner.PriceListId, owner.PriceListVersion, cancellation);
        if (!TargetItems.Of(list, body.Items.Value!, null).TryGet(out var items, out var unfit))
        {
            return unfit;
        }

        if (!(await handler.HandleAsync(tx, Request(body, owner, items), list, call.Key, cancellation)).TryGet(out var created, out var refusal))
        {
            return refusal;
        }

        return await RemarkAsync(tx, created.Key, items, body, call.Key, cancellation) is { } refused ? refused : created.Key.Id;
    }

    private static CreateKeyRequest Request(KeyBody body, ClientTerms owner, TargetItems items) => new()
    {
        Client = owner,
        Order = new KeyOrder(items.KeyType.Id, [.. items.Lines.Select(line => line.Feature).Where(feature => feature.Length > 0).Distinct(StringComparer.Ordinal)], [], items.Billing),
        Quantities = items.Features.ToDictionary(f => f.Id, f => f.Quantity, StringComparer.Ordinal),
        Parent = body.Parent.HasValue ? body.Parent.Value!.Name : null,
    };

    // An order for oneself, with nothing that is looked up or held: no parent, activation, address or configuration.
    private static bool IsPlain(KeyBody body, RestCall call) =>
        (!body.Owner.HasValue || body.Owner.Value == call.Caller.ClientId) && !body.Parent.HasValue && !body.Address.HasValue && !body.Configuration.HasValue
        && body.Activation is not { HasValue: true, Value.Activated: true };

    private Result<PlainKey>? Plain(KeyBody body, RestCall call, PriceList list)
    {
        if (!TargetItems.Of(list, body.Items.Value!, null).TryGet(out var items, out var unfit))
        {
            return unfit;
        }

        return handler.Plain(Request(body, call.Caller.Client, items), list, call.Key)?.Map(plain => plain with
        {
            Row = plain.Row with
            {
                Nickname = body.Nickname.Value, AutoRenew = body.AutoRenew.HasValue ? body.AutoRenew.Value : plain.Row.AutoRenew,
                RestrictAddress = body.RestrictAddress is { HasValue: true, Value: true },
            },
            Lines = items.Lines,
        });
    }

    private async Task<Result<ClientTerms>> OwnerAsync(Tx tx, KeyBody body, RestCall call, CancellationToken cancellation)
    {
        if (!body.Owner.HasValue || body.Owner.Value == call.Caller.ClientId)
        {
            return call.Caller.Client;
        }

        if (await clients.FindAsync(tx, body.Owner.Value, cancellation) is not { } row)
        {
            return KeyServerErrors.ClientUnknown.Because("The client was not found.");
        }

        return await clients.IsWithinAsync(tx, call.Caller.ClientId, row.Id, cancellation)
            ? row.Terms
            : KeyServerErrors.ObjectDenied.Because("The client is not within the login's reach.");
    }

    // What the order itself does not carry, in the same transaction.
    private async Task<Error?> RemarkAsync(Tx tx, KeyRow key, TargetItems items, KeyBody body, KeyCaller caller, CancellationToken cancellation)
    {
        var (name, now) = (KeyName.Of(key.Id), time.GetUtcNow());
        await store.SetItemsAsync(tx, key.Id, items.Lines, cancellation);
        if (body.Nickname.HasValue)
        {
            await store.SetNicknameAsync(tx, key.Id, body.Nickname.Value, now, cancellation);
        }

        if (body.AutoRenew.HasValue && body.AutoRenew.Value != key.AutoRenew)
        {
            await store.SetAutoRenewAsync(tx, key.Id, body.AutoRenew.Value, now, cancellation);
        }

        if (body.RestrictAddress is { HasValue: true, Value: true })
        {
            await store.SetRestrictAddressAsync(tx, key.Id, true, now, cancellation);
        }

        if (body.Activation is { HasValue: true, Value: { Activated: true } activation }
            && (await activate.HandleAsync(tx, name, activation.Uid, caller, cancellation)).Error is { } unactivated)
        {
            return unactivated;
        }

        if (body.Address.HasValue && (await bind.HandleAsync(tx, name, body.Address.Value!, caller, cancellation)).Error is { } unbound)
        {
            return unbound;
        }

        return body.Configuration.HasValue ? (await assign.HandleAsync(tx, name, body.Configuration.Value, caller, cancellation)).Error : null;
    }
}
