using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.KeyServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using IResult = Microsoft.AspNetCore.Http.IResult;

namespace Keygate.Panel;

/// <summary>Key Server &gt; Signing keys and Status list: which key signs, planned and emergency rotation, the root, and what products are told of keys that are not good.</summary>
internal static class SigningScreen
{
    public static void Map(IEndpointRouteBuilder issuer)
    {
        issuer.MapGet("/signing-keys", (Delegate)((HttpContext http) => ShowAsync(http)));
        issuer.MapPost("/signing-keys/rotate", RotateAsync).DisableAntiforgery();
        issuer.MapPost("/signing-keys/rotate-root", RotateRootAsync).DisableAntiforgery();
        issuer.MapPost("/signing-keys/{name}/sign-anew", SignAnewAsync);
        issuer.MapPost("/signing-keys/{name}/revoke", RevokeAsync).DisableAntiforgery();
        issuer.MapGet("/signing-keys/trust.pem", async (HttpContext http, SigningDesk desk) => Pem(http, await desk.TrustAsync(http.RequestAborted), "trust.pem"));
        issuer.MapGet("/signing-keys/root.pem", async (HttpContext http, SigningDesk desk) => Pem(http, await desk.RootAsync(http.RequestAborted), "root.pem"));
        issuer.MapGet("/status-list", (string? cursor, HttpContext http, SigningDesk desk) => Issuer.ReadAsync(http, async s => Screens.Show<StatusListPage, Page<StatusLine>>(
            http, await desk.NotGoodAsync(s, PageRequest.Of(null, cursor), http.RequestAborted), ("Lists", await desk.StatusListsAsync(s, http.RequestAborted)), ("Further", cursor is not null))));
    }

    private static async Task<IResult> RotateAsync(IFormCollection form, HttpContext http, SigningDesk desk, WriteDoor door)
    {
        var request = new RotateSigningKeyRequest { Type = Enum.TryParse<SigningKeyType>(form["type"], out var type) ? type : SigningKeyType.EcdsaP256, Reason = Issuer.Typed(form, "reason") };
        return await Screens.GoOnAsync(
            http, await desk.RotateAsync(request, act => door.WriteAsync(Issuer.Database(http), http, null, act), http.RequestAborted),
            key => ("/issuer/signing-keys", Frame.Of(http).Words.Of("said.rotated", key.Name)), () => ShowAsync(http));
    }

    private static async Task<IResult> RotateRootAsync(IFormCollection form, HttpContext http, SigningDesk desk, WriteDoor door)
    {
        var request = new RotateRootRequest { Certificate = Issuer.Typed(form, "certificate"), Reason = Issuer.Typed(form, "reason") };
        return await Screens.GoOnAsync(
            http, await desk.RotateRootAsync(request, act => door.WriteAsync(Issuer.Database(http), http, null, act), http.RequestAborted),
            rotated => ("/issuer/signing-keys", Issuer.Said(http, rotated.Signs ? "said.root-rotated" : "said.root-announced")), () => ShowAsync(http));
    }

    private static async Task<IResult> SignAnewAsync(string name, HttpContext http, SigningDesk desk) => await Screens.GoOnAsync(
        http, await desk.SignAnewAsync(name, Frame.Of(http).Who!.Actor, http.RequestAborted),
        done => ("/issuer/signing-keys", Frame.Of(http).Words.Of("said.signed-anew", done.Signed, done.Remaining)), () => ShowAsync(http));

    private static Task<IResult> RevokeAsync(string name, IFormCollection form, HttpContext http, SigningDesk desk)
    {
        var request = new RevokeSigningKeyRequest { Reason = Issuer.Typed(form, "reason"), LeaveBehind = form.ContainsKey("leaveBehind") };
        return Issuer.ActAsync(
            http, (tx, actor) => desk.RevokeAsync(tx, name, request, actor, http.RequestAborted), _ => ("/issuer/signing-keys", Frame.Of(http).Words.Of("said.signing-key-revoked", name)), () => ShowAsync(http));
    }

    private static async Task<IResult> ShowAsync(HttpContext http) =>
        Screens.Show<SigningPage, IReadOnlyList<SigningKeyView>>(http, await Screens.Get<SigningDesk>(http).ListAsync(http.RequestAborted));

    private static IResult Pem(HttpContext http, Result<string> pem, string name) =>
        pem.TryGet(out var text, out var error) ? Results.File(System.Text.Encoding.ASCII.GetBytes(text), "application/x-pem-file", name) : Screens.Fault(http, error);
}
