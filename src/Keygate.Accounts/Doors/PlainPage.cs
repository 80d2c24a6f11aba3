using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Keygate.Accounts;

/// <summary>Plain pages without scripts, under a policy that allows nothing but our own style sheet.</summary>
public static class PlainPage
{
    /// <summary>Where the style sheet of plain pages is served.</summary>
    public const string StylePath = "/plain.css";

    /// <summary>The style sheet of plain pages.</summary>
    public const string Style =
        """
        :root { color-scheme: light dark; }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
        label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
        input { font: inherit; width: 100%; padding: .4rem .5rem; box-sizing: border-box; }
        button { font: inherit; margin-top: 1.5rem; padding: .5rem 1.25rem; }
        code { font-size: 1rem; word-break: break-all; border: 1px solid; padding: .2rem .4rem; }
        dt { font-weight: 600; } dd { margin: 0 0 .75rem; }
        .refusal { border-left: .25rem solid #b3261e; padding-left: .75rem; }
        """;

    /// <summary>Text made safe to stand in a page.</summary>
    public static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>Answers with a page.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string title, string body)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        var html =
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Safe(title)}</title><link rel="stylesheet" href="{http.Request.PathBase}{StylePath}"></head>
            <body>
            <h1>{Safe(title)}</h1>
            {body}
            </body>
            </html>

            """;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(html), http.RequestAborted);
    }
}
