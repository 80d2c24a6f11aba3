using System.Text;
using Keygate.KeyServer;
using Keygate.Verification;
using Shouldly;

namespace Keygate.Tests.KeyServer.Trust;

/// <summary>A product as it stands at a customer: it pins the root, keeps what it has seen, and fetches over the wire.</summary>
internal sealed class Product(TestKeyServer server)
{
    private TrustRoots? _roots;

    public TrustMemory Memory { get; } = new();

    public TrustBundle? Trust { get; private set; }

    public StatusList? Status { get; private set; }

    public async Task<SignedReading<TrustBundle>> FetchTrustAsync()
    {
        _roots ??= TrustRoots.Parse(await server.FetchAsync("/.well-known/keygate/root.pem"));
        var read = _roots.ReadTrust(await server.FetchAsync("/.well-known/keygate/trust.json"), Memory);
        Trust = read.Value ?? Trust;
        return read;
    }

    public async Task<SignedReading<StatusList>> FetchStatusAsync(int shard = 0)
    {
        _roots ??= TrustRoots.Parse(await server.FetchAsync("/.well-known/keygate/root.pem"));
        var read = _roots.ReadStatus(await server.FetchAsync($"/.well-known/keygate/status/{shard}"), server.Time.GetUtcNow(), Memory);
        Status = read.Value ?? Status;
        return read;
    }

    public async Task UpdateAsync()
    {
        (await FetchTrustAsync()).Refusal.ShouldBeNull();
        (await FetchStatusAsync()).Refusal.ShouldBeNull();
    }

    public LicenseVerification Verify(byte[] license) =>
        new LicenseVerifier(Trust!).Verify(license, new LicenseConditions { Now = server.Time.GetUtcNow(), Status = Status });

    public LicenseVerification Verify(string token) => Verify(Encoding.ASCII.GetBytes(token));

    public static async Task<byte[]> FileAsync(TestKeyServer server, string number) => (await MadeAsync(server, number, SignedForm.File)).Content;

    public static async Task<string> TokenAsync(TestKeyServer server, string number) => Encoding.ASCII.GetString((await MadeAsync(server, number, SignedForm.Token)).Content);

    public static async Task<MadeFile> MadeAsync(TestKeyServer server, string number, SignedForm form)
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        var made = await server.Get<RetrieveKeyHandler>().HandleAsync(name!, form, new KeyCaller("test", null), CancellationToken.None);
        made.Error.ShouldBeNull();
        return made.Value;
    }

    public static Task<SigningKeyView> RotateAsync(TestKeyServer server, SigningKeyType type = SigningKeyType.EcdsaP256) =>
        server.DoAsync(tx => server.Get<RotateSigningKeyHandler>().HandleAsync(tx, server.Get<RotateSigningKeyHandler>().Prepare(new() { Type = type }).Value, "issuer", CancellationToken.None));

    public static Task<SigningKeyView> RevokeAsync(TestKeyServer server, string name, bool leaveBehind = false) => server.DoAsync(
        tx => server.Get<RevokeSigningKeyHandler>().HandleAsync(tx, name, new() { Reason = "stolen", LeaveBehind = leaveBehind }, "issuer", CancellationToken.None));
}
