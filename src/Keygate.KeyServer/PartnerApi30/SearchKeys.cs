using System.Globalization;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi10;
using Keygate.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer.PartnerApi30;

/// <summary>
/// <c>GET keys</c>, reference 3.1: all keys within reach that all filters admit, as one list without pages. It is read from the database page by page and
/// written as it is read, so that millions of keys take no more memory than one page; between two pages no connection is held, however slowly the client
/// reads. Short structures, reference 5.
/// </summary>
internal sealed class SearchKeys(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, KeySearch search, TimeProvider time) : IRestMethod
{
    private const int FlushBytes = 32 << 10;

    public string Verb => "GET";

    public string Path => "keys";

    public string Name => "getKeyNumbers";

    public LoginRole Least => LoginRole.Standard;

    public async Task<Result<RestAnswer>> CallAsync(RestCall call, CancellationToken cancellation)
    {
        if (!Read(call).TryGet(out var filter, out var malformed))
        {
            return malformed;
        }

        await using var pages = search.PagesAsync(database, call.Caller.ClientId, filter, cancellation).GetAsyncEnumerator(cancellation);

        // The first page is read before the answer begins: what fails until then is still an error of its own.
        var more = await pages.MoveNextAsync();
        var response = call.Http.Response;
        response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(response.BodyWriter, KeyWire.Options);
        json.WriteStartArray();
        var sent = 0L;
        while (more)
        {
            foreach (var key in pages.Current)
            {
                Write(json, key);
                // The writer hands on what it has whenever its buffer is full: only both counts together tell what has not been sent.
                if (json.BytesCommitted + json.BytesPending - sent >= FlushBytes)
                {
                    await json.FlushAsync(cancellation);
                    await response.BodyWriter.FlushAsync(cancellation);
                    sent = json.BytesCommitted;
                }
            }

            more = await pages.MoveNextAsync();
        }

        json.WriteEndArray();
        await json.FlushAsync(cancellation);
        return RestAnswer.Written;
    }

    private static void Write(Utf8JsonWriter json, in FoundKey key)
    {
        json.WriteStartObject();
        json.WriteString("ownerId", key.Owner);
        json.WriteNumber("keyId", key.Id);
        if (key.Parent is { } parent)
        {
            json.WriteNumber("parentKeyId", parent);
        }
        else
        {
            json.WriteNull("parentKeyId");
        }

        json.WriteBoolean("isEls", key.IsEls);
        json.WriteString("lastReportingOs", key.ReportedOs);
        json.WriteEndObject();
    }

    private Result<KeySearchFilter> Read(RestCall call)
    {
        if (!call.Flag("restrict-ip-binding").TryGet(out var restricted, out var malformed) || !call.Flag("is-els").TryGet(out var isEls, out malformed)
            || !Word<SearchedStatus>(call, "status").TryGet(out var status, out malformed) || !Word<SearchedType>(call, "type").TryGet(out var type, out malformed)
            || !Word<SearchedFraud>(call, "fraud").TryGet(out var fraud, out malformed))
        {
            return malformed;
        }

        string? address = null;
        if (call.Text("ip-address-binding") is { } text && !Wire.TryIp(text, out address))
        {
            return KeyServerErrors.IpMalformed.Because($"\"{RestCall.Shown(text)}\" is no IP address.");
        }

        return new KeySearchFilter
        {
            Address = address, Nickname = call.Text("nickname"), Uid = call.Text("uid"), Product = call.Text("product"), Status = status, Type = type, Fraud = fraud,
            Restricted = restricted, IsEls = isEls, Today = time.Utc(), MultiUseSince = time.GetUtcNow().AddDays(-KeyDesk.MultiUseDays),
        };
    }

    // confirmed_multiuse, lease1m: the members' names without case and underline.
    private static Result<T?> Word<T>(RestCall call, string parameter)
        where T : struct, Enum =>
        call.Text(parameter) switch
        {
            null => (T?)null,
            { } text => !char.IsAsciiDigit(text[0]) && Enum.TryParse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var word) && Enum.IsDefined(word)
                ? word
                : KeyServerErrors.ParameterMalformed.Because(string.Create(CultureInfo.InvariantCulture, $"{parameter}=\"{RestCall.Shown(text)}\" is none of the words known for it.")),
        };
}
