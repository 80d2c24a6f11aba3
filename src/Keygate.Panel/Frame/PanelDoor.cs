using Keygate.Accounts;
using Keygate.Api;
using Keygate.Kernel;
using Keygate.Orders;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keygate.Panel;

/// <summary>
/// The wall of the screens: who looks, whether a form is one of ours, what a browser may do with the page, and what a fault looks like. It runs
/// before a screen's own code.
/// </summary>
internal static class PanelDoor
{
    /// <summary>The cookie with the session's secret.</summary>
    public const string SessionCookie = "keygate-session";

    /// <summary>The cookie with the secret of a customer's session.</summary>
    public const string CustomerCookie = "keygate-customer";

    /// <summary>The cookie with what the last act did.</summary>
    public const string SaidCookie = "keygate-said";

    /// <summary>The field with the form's token.</summary>
    public const string TokenField = "form-token";

    /// <summary>The field with a key that no other form has.</summary>
    public const string OnceField = "form-once";

    // Behind the mark in the menu; more is shown as "99+".
    private const int AttentionMax = 100;

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

    public static void Use(IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Keygate.Panel");
        app.Use(async (http, next) =>
        {
            if (http.GetEndpoint()?.Metadata.GetMetadata<PanelScreen>() is not { } screen)
            {
                await next(http);
                return;
            }

            Guard(http.Response.Headers);
            try
            {
                if (await LetInAsync(http, screen))
                {
                    await next(http);
                }
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // Nobody is left to answer.
            }
            catch (Exception e) when (!http.Response.HasStarted)
            {
                http.Response.Clear();
                Guard(http.Response.Headers);
                await Screens.FaultAsync(http, Of(e, http, logger));
            }
        });
    }

    private static void Guard(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static async Task<bool> LetInAsync(HttpContext http, PanelScreen screen)
    {
        var services = http.RequestServices;
        var frame = new Frame
        {
            Words = Words.For(http.Request.Headers.AcceptLanguage),
            Sides = services.GetRequiredService<PanelOptions>(),
            Base = http.Request.PathBase,
            Host = http.Request.Host.Value ?? "",
            Now = services.GetRequiredService<TimeProvider>().GetUtcNow(),
            TestClock = services.GetRequiredService<TimeProvider>() is FileClock,
            Said = TakeSaid(http),
        };
        frame.Set(http);
        if (screen.For is Audience.Visitors or Audience.Customers && !await KnowCustomerAsync(http, screen, frame))
        {
            return false;
        }

        if (screen.For is Audience.Anyone or Audience.Visitors)
        {
            // There is no session yet whose token the form could carry; the browser says itself where it comes from.
            if (HttpMethods.IsPost(http.Request.Method) && !IsOurs(http.Request))
            {
                await Screens.FaultAsync(http, PanelErrors.FormForeign);
                return false;
            }

            return true;
        }

        if (screen.For == Audience.Customers)
        {
            return true;
        }

        var sessions = services.GetRequiredService<StaffSessions>();
        var secret = http.Request.Cookies[SessionCookie];
        if (secret is null || await sessions.FindAsync(secret, http.RequestAborted) is not { } who)
        {
            AskToSignIn(http, frame, "/admin/sign-in", "/admin");
            return false;
        }

        if (screen.Administrators && who.Role != StaffRole.Administrator)
        {
            (frame with { Who = who, FormToken = sessions.FormToken(secret) }).Set(http);
            await Screens.FaultAsync(http, AccountsErrors.RoleInsufficient.Because($"{who.Actor.Name} has the role {who.Role}; this is for administrators."));
            return false;
        }

        frame = frame with { Who = who, FormToken = sessions.FormToken(secret) };
        frame.Set(http);
        http.SetActor(who.Actor);
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            if (!await IsFormOfAsync(http, sent => sessions.IsFormToken(secret, sent)))
            {
                return false;
            }

            if (!frame.MayWrite && !screen.ForAuditors)
            {
                await Screens.FaultAsync(http, AccountsErrors.RoleInsufficient.Because($"{who.Actor.Name} has the role {who.Role}, which changes nothing."));
                return false;
            }
        }
        else if (frame.Sides.Provider && !http.Request.Headers.ContainsKey("HX-Request"))
        {
            var database = services.GetRequiredService<Database>();
            var count = await database.ReadAsync(s => services.GetRequiredService<AttentionReader>().CountAsync(s, AttentionMax, http.RequestAborted), http.RequestAborted);
            (frame with { Attention = count }).Set(http);
        }

        return true;
    }

    private static async Task<bool> KnowCustomerAsync(HttpContext http, PanelScreen screen, Frame frame)
    {
        var (services, cancellation) = (http.RequestServices, http.RequestAborted);
        var sessions = services.GetRequiredService<CustomerSessions>();
        var secret = http.Request.Cookies[CustomerCookie];
        var who = secret is null ? null : await sessions.FindAsync(secret, cancellation);
        frame = frame with
        {
            IsStore = true, Customer = who, FormToken = who is null ? "" : sessions.FormToken(secret!),
            Profile = await services.GetRequiredService<Database>().ReadAsync(s => services.GetRequiredService<ProviderProfiles>().FindAsync(s, cancellation), cancellation),
        };
        frame.Set(http);
        if (who is null)
        {
            if (screen.For == Audience.Customers)
            {
                AskToSignIn(http, frame, "/my/sign-in", "/my");
                return false;
            }

            return true;
        }

        http.SetActor(who);
        return screen.For == Audience.Visitors || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            || await IsFormOfAsync(http, sent => sessions.IsFormToken(secret!, sent));
    }

    private static async Task<bool> IsFormOfAsync(HttpContext http, Func<string?, bool> isToken)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
        if (!isToken(form?[TokenField].ToString()))
        {
            await Screens.FaultAsync(http, PanelErrors.FormForeign);
            return false;
        }

        // Sent twice it acts once: to the door that writes, a form's own key is what an API's client sends as a header.
        http.Request.Headers[WriteDoor.KeyHeader] = form![OnceField];
        return true;
    }

    private static void AskToSignIn(HttpContext http, Frame frame, string form, string home)
    {
        var to = HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString.ToUriComponent() : home;
        var url = $"{frame.Url(form)}?to={Uri.EscapeDataString(to)}";
        if (http.Request.Headers.ContainsKey("HX-Request"))
        {
            // A part of a page must not turn into a form: the page goes there as a whole.
            http.Response.Headers["HX-Redirect"] = url;
            http.Response.StatusCode = StatusCodes.Status200OK;
            return;
        }

        http.Response.Redirect(url);
    }

    private static bool IsOurs(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
        && (request.Headers.Origin.ToString() is "" or "null" || Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin) && origin.Authority == request.Host.Value);

    private static string? TakeSaid(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) || http.Request.Headers.ContainsKey("HX-Request") || http.Request.Cookies[SaidCookie] is not { Length: > 0 } said)
        {
            return null;
        }

        http.Response.Cookies.Delete(SaidCookie, Screens.CookieOf(http));
        return said;
    }

    // Whoever looks at a page has no header to look into.
    private static Error Of(Exception exception, HttpContext http, ILogger logger)
    {
        var error = Problems.Of(exception, http, logger);
        return error.Code == KernelErrors.Fault.Code ? error.Because($"{error.Title}; the log has it under trace {Problems.TraceIdOf(http)}.") : error;
    }
}

/// <summary>Marks the endpoints that are screens.</summary>
internal sealed record PanelScreen
{
    /// <summary>Whom the screen is for.</summary>
    public Audience For { get; init; }

    /// <summary>True for what only administrators see.</summary>
    public bool Administrators { get; init; }

    /// <summary>True for what also those may send who change nothing, such as signing out.</summary>
    public bool ForAuditors { get; init; }
}

/// <summary>Whom a screen is for.</summary>
internal enum Audience
{
    /// <summary>Members of the staff who are signed in.</summary>
    Staff,

    /// <summary>Anyone who wants to sign in as one.</summary>
    Anyone,

    /// <summary>Visitors of the store; a customer who is signed in is known.</summary>
    Visitors,

    /// <summary>Customers who are signed in, and what is theirs.</summary>
    Customers,
}
