using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Http;

namespace Keygate.KeyServer;

/// <summary>How REST acts on one key: the staff reaches all, and the answer is the key as it is afterwards.</summary>
internal static class KeyActs
{
    public static async Task<Result<KeyView>> RunAsync(
        string number, HttpContext http, WriteDoor door, KeyReader reader, Database database, Func<Tx, KeyName, KeyCaller, Task<Result<KeyRow>>> act, object? request = null) =>
        KeyName.TryParse(number, out var name)
            ? await door.WriteAsync<KeyView>(database, http, request, async (tx, actor) =>
                (await act(tx, name, new KeyCaller(actor.Name, null))).TryGet(out var key, out var refusal) ? await reader.ViewAsync(tx, key, http.RequestAborted) : refusal)
            : KeyServerErrors.KeyNumberMalformed.Because($"\"{number}\" is no key number.");
}
