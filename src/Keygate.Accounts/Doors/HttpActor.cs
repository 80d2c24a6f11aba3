using Microsoft.AspNetCore.Http;

namespace Keygate.Accounts;

/// <summary>Who is behind a request.</summary>
public static class HttpActor
{
    private static readonly object Key = new();

    /// <summary>The actor that the door has recognized. Throws where the door let somebody unknown through.</summary>
    public static Actor Actor(this HttpContext http) =>
        http.Items[Key] as Actor ?? throw new InvalidOperationException("The endpoint was reached without an actor.");

    /// <summary>Set once, by the door that checked the credentials.</summary>
    public static void SetActor(this HttpContext http, Actor actor) => http.Items[Key] = actor;
}
