using Keygate.Kernel;
using Keygate.Storage;
using Keygate.XmlRpc;
using Microsoft.Extensions.Options;

namespace Keygate.KeyServer.PartnerApi10;

/// <summary>
/// <c>partner10.createKey</c>, reference 6.1: four forms, and the four arguments of a client that leaves out empty plans (9.4). The key is
/// committed before the answer leaves, or not at all once the call is too old. Repeated calls are not merged.
/// </summary>
internal sealed class CreateKey(
    VendorDoor vendors,
    CreateKeyHandler handler,
    KeysTogether together,
    PartnerClients clients,
    PriceListStore priceLists,
    IOptions<KeyServerOptions> options) : IPartnerMethod
{
    // What is left of the time is for the commit itself, which is not cut once it is sent.
    private const double BeforeCommit = 0.9;

    public string Name => "createKey";

    public LoginRole Least => LoginRole.Standard;

    public IReadOnlyList<XmlRpcSignature> Forms { get; } =
    [
        new(Wire.AnyStruct, Wire.AnyStruct, Wire.Text, Wire.Text),
        new(Wire.AnyStruct, Wire.AnyStruct, Wire.Text, Wire.Text, Wire.Texts),
        new(Wire.AnyStruct, Wire.AnyStruct, Wire.Text, Wire.Text, Wire.Texts, Wire.Text),
        new(Wire.AnyStruct, Wire.AnyStruct, Wire.Text, Wire.Text, Wire.Texts, Wire.AnyStruct, Wire.Texts, Wire.AnyStruct),
        new(Wire.AnyStruct, Wire.AnyStruct, Wire.Text, Wire.Text, Wire.Texts, Wire.AnyStruct, Wire.Texts, Wire.AnyStruct, Wire.Text),
    ];

    public async Task<Result<XmlRpcStruct>> CallAsync(PartnerCall call, XmlRpcArguments arguments, CancellationToken cancellation)
    {
        if (!Read(call, arguments).TryGet(out var request, out var malformed))
        {
            return malformed;
        }

        // Most orders need no more than rows of their own, which go with those of other calls.
        var client = Wire.TextOf(arguments[2]);
        if (together.IsWorthIt && PartnerClients.IsOwn(call, client) && priceLists.Known(request.Client.PriceListId, request.Client.PriceListVersion) is { } known
            && handler.Plain(request, known, call.Key) is { } plain)
        {
            return plain.TryGet(out var wanted, out var refused) ? (await together.AddAsync(wanted, call.Received)).Map(key => Answer(new CreatedKey(key, [], null))) : refused;
        }

        var limit = options.Value.CommitWithin * BeforeCommit;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var left = limit - TimeProvider.System.GetElapsedTime(call.Received);
        deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            var created = await vendors.WriteAsync(
                tx => WriteAsync(tx, call, request, client, limit, deadline.Token), made => made.Key, (made, key) => made with { Key = key }, cancellation, deadline.Token);
            return created.Map(Answer);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return KeyServerErrors.TooLate;
        }
    }

    private async Task<Result<CreatedKey>> WriteAsync(Tx tx, PartnerCall call, CreateKeyRequest request, string client, TimeSpan limit, CancellationToken cancellation)
    {
        if (!(await clients.FindAsync(tx, call, client, cancellation)).TryGet(out var owner, out var refusal))
        {
            return refusal;
        }

        var list = await priceLists.GetAsync(tx, owner.PriceListId, owner.PriceListVersion, cancellation);
        var created = await handler.HandleAsync(tx, request with { Client = owner }, list, call.Key, cancellation);

        // A client that lost the answer stops waiting for the key after a known time: a key that came later would be a second one.
        return TimeProvider.System.GetElapsedTime(call.Received) < limit ? created : KeyServerErrors.TooLate;
    }

    private static Result<CreateKeyRequest> Read(PartnerCall call, XmlRpcArguments arguments)
    {
        if (!Wire.AddressesOf(arguments[1]).TryGet(out var addresses, out var error))
        {
            return error;
        }

        if (!arguments[4].TryToTexts(out var plans) || !(arguments.Count >= 8 ? arguments[6] : default).TryToTexts(out var additional))
        {
            return KeyServerErrors.ParametersMalformed.Because("Upgrade plans and additional key types are lists of texts.");
        }

        if (!Wire.BillingOf(arguments.Count == 6 ? arguments[5] : arguments[8]).TryGet(out var billing, out error))
        {
            return error;
        }

        if (!Wire.ParametersOf(arguments.Count >= 8 ? arguments[5] : default).TryGet(out var main, out error)
            || !Wire.ParametersOf(arguments.Count >= 8 ? arguments[7] : default).TryGet(out var others, out error))
        {
            return error;
        }

        return new CreateKeyRequest
        {
            Client = call.Caller.Client,
            Order = new KeyOrder(Wire.TextOf(arguments[3]), NotEmpty(plans), NotEmpty(additional), billing),
            Addresses = addresses,
            Parent = main.Parent,
            Activation = main.Activation,
            AdditionalActivation = others.Activation,
        };
    }

    private static List<string> NotEmpty(IReadOnlyList<string> texts) => [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0)];

    private static XmlRpcStruct Answer(CreatedKey created)
    {
        var number = created.Key.Number.ToString();
        var additional = created.Additional.Select(key => key.Number.ToString()).ToList();
        var answer = created.Parent is { } parent
            ? Wire.Answer(ResultCodes.DoneOtherwise, $"{number} created and attached to {parent.Number}.")
            : Wire.Answer(ResultCodes.Done, additional.Count == 0 ? $"{number} created." : $"{number} created. Attached: {string.Join(", ", additional)}.");
        answer["mainKeyNumber"] = number;
        answer["expirationDate"] = created.Key.ExpirationDate;
        answer["updateDate"] = created.Key.UpdateDate;
        answer["productKey"] = created.Key.ActivationCode;
        answer["additionalKeysNumbers"] = XmlRpcArray.Of(additional);
        if (created.Key.SusDate is { } sus)
        {
            answer["susDate"] = sus;
        }

        return answer;
    }
}
