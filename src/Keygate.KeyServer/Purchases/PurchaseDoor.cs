using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Keygate.Kernel;
using Keygate.KeyServer.PartnerApi30;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Keygate.KeyServer;

/// <summary>
/// The vendor's endpoint for foreign Key Administrators (ISV protocol): forms by HTTP POST, with a login of the Partner APIs by HTTP Basic. Answers are license bodies;
/// a refusal is an HTTP status with its reason as text.
/// </summary>
internal sealed class PurchaseDoor(CallerEntry entry, AnswerAdministratorHandler handler, LicenseFileMaker files, ILogger<PurchaseDoor> log)
{
    /// <summary>Where the endpoint is: license files as bodies. Tokens come from <c>/token</c> below it.</summary>
    public const string Path = "/vendor/v1";

    // An earlier body of the largest license, each of its octets written as three characters.
    private const int FormMax = 2 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder group)
    {
        group.MapPost(Path, (HttpContext http, PurchaseDoor door) => door.HandleAsync(http, SignedForm.File));
        group.MapPost(Path + "/token", (HttpContext http, PurchaseDoor door) => door.HandleAsync(http, SignedForm.Token));
    }

    private async Task HandleAsync(HttpContext http, SignedForm form)
    {
        var (login, action) = ("", "");
        try
        {
            var refusal = await AnswerAsync(http, form, (l, a) => (login, action) = (l, a));
            if (refusal is not null)
            {
                await RefuseAsync(http, refusal);
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more; a repeated question gets it.
        }
        catch (Exception e) when (StorageFaults.Of(e) is not null)
        {
            await RefuseAsync(http, KeyServerErrors.Unavailable);
        }
        catch (Exception e)
        {
            var trace = Activity.Current?.Id ?? http.TraceIdentifier;
            log.LogError(e, "The vendor's endpoint crashed ({Trace})", trace);
            await WriteAsync(http, StatusCodes.Status500InternalServerError, $"Internal error; the vendor finds it in the log under {trace}.");
        }

        log.LogInformation("Vendor's endpoint: {Action} by {Login}: {Status}", action, login, http.Response.StatusCode);
    }

    private async Task<Error?> AnswerAsync(HttpContext http, SignedForm form, Action<string, string> known)
    {
        if (!BasicCredentials.TryRead(http.Request.Headers.Authorization.ToString(), out var login, out var password))
        {
            return KeyServerErrors.LoginRejected.Because("The question carries no credentials.").Mend("Send login and password of a Partner API login by HTTP Basic.");
        }

        if (!(await entry.FindAsync(login, password, http.Connection.RemoteIpAddress, http.RequestAborted)).TryGet(out var caller, out var rejected))
        {
            return rejected;
        }

        known(caller.Login, "");
        if (!(await ReadAsync(http)).TryGet(out var question, out var malformed))
        {
            return malformed;
        }

        known(caller.Login, question.Action);

        // What a login may not do over the Partner APIs it may not do here, by the methods' names there.
        var (least, method) = question.Action switch
        {
            "PURCHASE" => (LoginRole.Standard, "createKey"),
            "RENEW" => (LoginRole.Advanced, "renewKey"),
            "UPGRADE" => (LoginRole.Advanced, "upgradeKey"),
            "TERMINATE" => (LoginRole.Advanced, "terminateKey"),
            _ => (LoginRole.Standard, "getLastPleskUsageInfo"),
        };
        return entry.Refusal(caller, least, method) is { } denied ? denied
            : question.Action == "GET-INFO" ? await ShowAsync(http, question, caller)
            : await ActAsync(http, form, question, caller);
    }

    private async Task<Error?> ActAsync(HttpContext http, SignedForm form, VendorQuestion question, CallerRow caller)
    {
        if (!(await handler.HandleAsync(question, caller, http.RequestAborted)).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (question.Action == "TERMINATE")
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return null;
        }

        // Signed after the commit: what was sold stays sold while nobody signs, and a repeated question gets its license then.
        if (!(await files.MakeAsync(key, form, http.RequestAborted)).TryGet(out var made, out refusal))
        {
            return refusal;
        }

        http.Response.Headers["X-APS-Expiration-Date"] = new DateTimeOffset(key.ExpirationDate, TimeOnly.MinValue, TimeSpan.Zero).ToString("R", CultureInfo.InvariantCulture);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = made.Content.Length;
        await http.Response.BodyWriter.WriteAsync(made.Content, http.RequestAborted);
        return null;
    }

    private async Task<Error?> ShowAsync(HttpContext http, VendorQuestion question, CallerRow caller)
    {
        if (!(await handler.UsageAsync(question, caller, http.RequestAborted)).TryGet(out var usage, out var refusal))
        {
            return refusal;
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.BodyWriter.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(new { version = "isv-reportable-1", usage = new { resellers = usage.Resellers, clients = usage.Clients, domains = usage.Domains } }), http.RequestAborted);
        return null;
    }

    private static async Task<Result<VendorQuestion>> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > FormMax)
        {
            return KeyServerErrors.BodyTooLarge;
        }

        if (!http.Request.HasFormContentType || http.Request.ContentType!.StartsWith("multipart", StringComparison.OrdinalIgnoreCase))
        {
            return KeyServerErrors.VendorQuestionInvalid.Because("The body is no form of the type application/x-www-form-urlencoded.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = FormMax;
        }

        try
        {
            return VendorQuestion.Of(await http.Request.ReadFormAsync(new FormOptions { ValueCountLimit = 100, KeyLengthLimit = 256, ValueLengthLimit = FormMax }, http.RequestAborted));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return KeyServerErrors.BodyTooLarge;
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return KeyServerErrors.VendorQuestionInvalid.Because("The form is malformed, or has more than 100 fields.");
        }
    }

    private static Task RefuseAsync(HttpContext http, Error refusal) =>
        WriteAsync(http, RestErrors.StatusOf(refusal), string.Join(' ', refusal.Others.Prepend(refusal).Select(e => e.Detail)) + " " + refusal.Remedy);

    private static async Task WriteAsync(HttpContext http, int status, string reason)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"Vendor\", charset=\"UTF-8\"";
        }

        await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(reason.ReplaceLineEndings(" ").Trim() + "\n"), http.RequestAborted);
    }
}
