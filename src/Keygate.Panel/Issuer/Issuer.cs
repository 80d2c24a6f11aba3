using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>What the screens of the issuer panel share: they read and write in the key server's own database, through its desks.</summary>
internal static class Issuer
{
    public static Database Database(HttpContext http) => http.RequestServices.GetRequiredKeyedService<Database>(KeyServerModule.DatabaseKey);

    public static Task<T> ReadAsync<T>(HttpContext http, Func<Session, Task<T>> read) => Database(http).ReadAsync(read, http.RequestAborted);

    /// <summary>Does an act and goes to the page that shows what came of it.</summary>
    public static Task<IResult> ActAsync<T>(HttpContext http, Func<Tx, Actor, Task<Result<T>>> act, Func<T, (string To, string Said)> done, Func<Task<IResult>> again) =>
        Screens.ActAsync(http, Database(http), act, done, again);

    /// <summary>Does an act whose answer is shown once: it stands on the page that answers, and nowhere after.</summary>
    public static async Task<IResult> ShowOnceAsync<T>(HttpContext http, Func<Tx, Actor, Task<Result<T>>> act, Func<T, Task<IResult>> shown, Func<Task<IResult>> again)
    {
        var result = await Screens.Get<WriteDoor>(http).WriteAsync(Database(http), http, null, act);
        return result.TryGet(out var value, out var error) ? await shown(value) : await Screens.RefuseAsync(http, error, again);
    }

    /// <summary>What was typed into a field, without blanks around it; null where that is nothing.</summary>
    public static string? Typed(IFormCollection form, string field) => form[field].ToString().Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The words of a field in which several are typed, separated by commas or blanks.</summary>
    public static IReadOnlyList<string> Several(IFormCollection form, string field) =>
        form[field].ToString().Split([',', ' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The text of a message.</summary>
    public static string Said(HttpContext http, string key) => Frame.Of(http).Words[key];
}
