using Keygate.Accounts;
using Keygate.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.KeyServer;

/// <summary>A license in one of its forms, as REST hands it out.</summary>
/// <param name="Number">The key's number with the revision that it carries.</param>
/// <param name="Extension">Extension to store it under, without dot.</param>
/// <param name="Content">The file in base64; null for a token.</param>
/// <param name="Token">The token; null for a file.</param>
public sealed record SignedLicenseView(string Number, string Extension, byte[]? Content, string? Token);

internal static class DownloadKeyEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "file", SignedForm.File).WithSummary("The license file of a key");
        Map(routes, "token", SignedForm.Token).WithSummary("The license token of a key").WithDescription("The facts of the license file as a compact signed string (JWS).");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, string what, SignedForm form) =>
        routes.MapGet($"/keys/{{number}}/{what}", async Task<Result<SignedLicenseView>> (string number, HttpContext http, RetrieveKeyHandler handler) =>
            KeyName.TryParse(number, out var name)
                ? (await handler.HandleAsync(name, form, new KeyCaller(http.Actor().Name, null), http.RequestAborted)).Map(made => View(made, form))
                : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number."));

    internal static SignedLicenseView View(MadeFile made, SignedForm form) => form == SignedForm.Token
        ? new SignedLicenseView(made.Number.ToString(), made.Extension, null, System.Text.Encoding.ASCII.GetString(made.Content))
        : new SignedLicenseView(made.Number.ToString(), made.Extension, made.Content, null);
}
