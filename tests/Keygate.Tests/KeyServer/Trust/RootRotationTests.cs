using System.Text.Json.Nodes;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

/// <summary>Planned rotation of the root: who pinned an earlier one is led to the present one, and nothing that was delivered is lost.</summary>
public sealed class RootRotationTests
{
    private const string RootsPath = "/.well-known/keygate/roots.json";
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task Who_pinned_an_earlier_root_is_led_over_two_rotations_to_the_present_one_and_old_files_verify_all_the_while(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var number = await server.BareKeyAsync();
        var (file, token) = (await Product.FileAsync(server, number), await Product.TokenAsync(server, number));
        var shipped = await server.FetchAsync("/.well-known/keygate/root.pem");
        var product = new Product(server);
        await product.UpdateAsync();
        var (bundle, oldTrust) = (product.Trust!, await server.FetchAsync("/.well-known/keygate/trust.json"));
        (await server.FetchAsync(RootsPath)).ShouldBe("""{"roots":[]}""");
        TrustRoots.Parse(shipped).Follow("""{"roots":[]}""").Value!.ToPem().ShouldBe(TrustRoots.Parse(shipped).ToPem());

        var first = await RotateAsync(server);
        (first.From, first.Signs).ShouldBe((TrustRoots.Parse(shipped).Keys.Single().Fingerprint, true));

        // Offline nothing has changed; online the product is told that the document has another root, and what to do.
        product.Verify(file).IsUsable.ShouldBeTrue();
        var refused = await product.FetchTrustAsync();
        (refused.Refusal!.Code, refused.Refusal.Remedy.Contains("roots.json", StringComparison.Ordinal)).ShouldBe((LicenseRefusalCode.KeyOutsideBundle, true));
        (await product.FetchStatusAsync()).Refusal!.Code.ShouldBe(LicenseRefusalCode.KeyOutsideBundle);
        product.Trust.ShouldBe(bundle);

        var second = await RotateAsync(server);
        second.From.ShouldBe(first.To);
        var roots = await server.FetchAsync(RootsPath);
        var followed = TrustRoots.Parse(shipped).Follow(roots);
        followed.Value!.Keys.Single().Fingerprint.ShouldBe(second.To);
        TrustRoots.Parse(followed.Value.ToPem()).Keys.Single().Fingerprint.ShouldBe(second.To);
        (await server.FetchAsync("/.well-known/keygate/root.pem")).ShouldContain(second.To);

        // With the root that it learnt it reads on where it stood: the numbers go on, files and tokens of all times verify, and the status list counts.
        var trust = followed.Value.ReadTrust(await server.FetchAsync("/.well-known/keygate/trust.json"), product.Memory);
        trust.Value!.Number!.Value.ShouldBeGreaterThan(bundle.Number!.Value);
        await server.DoAsync(tx => server.Get<RevokeKeyHandler>().HandleAsync(tx, Name(number), new() { Reason = "fraud" }, new KeyCaller("issuer", null), None));
        var status = followed.Value.ReadStatus(await server.FetchAsync("/.well-known/keygate/status/0"), server.Time.GetUtcNow(), product.Memory);
        var conditions = new LicenseConditions { Now = server.Time.GetUtcNow() };
        foreach (var license in new[] { file, System.Text.Encoding.ASCII.GetBytes(token), await Product.FileAsync(server, await server.BareKeyAsync()) })
        {
            new LicenseVerifier(trust.Value).Verify(license, conditions).IsUsable.ShouldBeTrue();
        }

        new LicenseVerifier(trust.Value).Verify(file, conditions with { Status = status.Value }).Validity.ShouldBe(LicenseValidity.Revoked);

        // What the earlier root signed counts no more for who has followed, and a product that ships with the present one needs no way at all.
        followed.Value.ReadTrust(oldTrust).Refusal!.Code.ShouldBe(LicenseRefusalCode.KeyOutsideBundle);
        followed.Value.Follow(roots).Value!.Keys.Single().Fingerprint.ShouldBe(second.To);
        (await server.Get<SigningRing>().ListAsync(None)).Where(k => k.Purpose == SigningKeyPurpose.Root).Select(k => k.State)
            .ShouldBe([SigningKeyState.Retired, SigningKeyState.Retired, SigningKeyState.Active]);
    }

    [Fact]
    public async Task Nobody_but_the_root_at_hand_says_who_follows_it()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        var ring = server.Get<SigningRing>();
        var (signing, root) = (await ring.ActiveAsync(None), await ring.RootAsync(None));
        var pinned = TrustRoots.Parse(await server.FetchAsync("/.well-known/keygate/root.pem"));
        await RotateAsync(server);
        var word = (string)JsonNode.Parse(await server.FetchAsync(RootsPath))!["roots"]![0]!;
        static string Roots(params string[] words) => new JsonObject { ["roots"] = new JsonArray([.. words.Select(w => (JsonNode)w)]) }.ToJsonString();
        pinned.Follow(Roots(word)).Value!.Keys.Single().Fingerprint.ShouldNotBe(pinned.Keys.Single().Fingerprint);

        // Another key's word is passed over, whatever it names; a changed one is refused.
        var thief = Thief();
        var contents = new RootContents { IssuedAt = server.Time.GetUtcNow(), Next = thief.Certificate };
        foreach (var foreign in new[] { await thief.SignRootAsync(contents, None), await signing.SignRootAsync(contents, None) })
        {
            pinned.Follow(Roots(foreign)).Value!.Keys.Single().Fingerprint.ShouldBe(pinned.Keys.Single().Fingerprint);
        }

        var parts = word.Split('.');
        var forged = (await thief.SignRootAsync(contents, None)).Split('.');
        pinned.Follow(Roots($"{parts[0]}.{forged[1]}.{parts[2]}")).Refusal!.Code.ShouldBe(LicenseRefusalCode.SignatureWrong);
        pinned.Follow(Roots($"{parts[0]}.{forged[1]}.{forged[2]}")).Refusal!.Code.ShouldBe(LicenseRefusalCode.SignatureWrong);

        // What the root signs of other things is no word on who follows it, and the reverse.
        var trust = JsonNode.Parse(await root.SignTrustAsync(new TrustContents { Number = 9, IssuedAt = server.Time.GetUtcNow(), Keys = [("x", thief.Certificate)] }, None))!;
        pinned.Follow(Roots($"{trust["protected"]}.{trust["payload"]}.{trust["signature"]}")).Refusal!.Code.ShouldBe(LicenseRefusalCode.TokenType);
        pinned.ReadTrust(new JsonObject { ["protected"] = parts[0], ["payload"] = parts[1], ["signature"] = parts[2] }.ToJsonString()).Refusal!.Code.ShouldBe(LicenseRefusalCode.TokenType);

        foreach (var broken in new[] { "", "[]", "{}", """{"roots":1}""", """{"roots":[1]}""", Roots([.. Enumerable.Repeat("x", 257)]), "{\"roots\":[\"" + new string('x', TrustBundle.CharsMax) + "\"]}" })
        {
            pinned.Follow(broken).IsAccepted.ShouldBeFalse(broken.Length > 40 ? broken[..40] : broken);
        }
    }

    [Theory, BothEngines]
    public async Task A_root_of_the_operators_is_announced_first_and_followed_once_it_signs(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var options = server.Get<IOptions<KeyServerOptions>>().Value;
        var pinned = TrustRoots.Parse(await server.FetchAsync("/.well-known/keygate/root.pem"));
        var next = LicenseSigningKey.Create(SigningAlgorithm.Rsa, "Root 2", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));

        (await PrepareAsync(server, new() { Certificate = "nonsense" })).ShouldBe(KeyServerErrors.NextRootInvalid.Code);
        (await PrepareAsync(server, new() { Certificate = pinned.ToPem() })).ShouldBe(KeyServerErrors.NextRootInvalid.Code);
        (await PrepareAsync(server, new() { Reason = new string('x', 501) })).ShouldBe(KeyServerErrors.ReasonMissing.Code);

        (await RotateAsync(server, new() { Certificate = next.CertificatePem, Reason = "moves into a module" })).Signs.ShouldBeFalse();
        await RotateAsync(server, new() { Certificate = next.CertificatePem });
        (await server.FetchAsync(RootsPath)).ShouldBe("""{"roots":[]}""", "Nobody shall follow it before it signs.");
        pinned.ReadTrust(await server.FetchAsync("/.well-known/keygate/trust.json")).IsAccepted.ShouldBeTrue();

        options.RootKey = GivenKey.Read(next.CertificatePem + "\n" + next.PrivateKeyPem, null).Value;
        var followed = pinned.Follow(await server.FetchAsync(RootsPath)).Value!;
        followed.Keys.Single().Fingerprint.ShouldBe(TrustBundle.Parse(next.CertificatePem).Certificates[0].Fingerprint);
        followed.ReadTrust(await server.FetchAsync("/.well-known/keygate/trust.json")).IsAccepted.ShouldBeTrue();

        // From here on keys are not made, but announced.
        (await PrepareAsync(server, new())).ShouldBe(KeyServerErrors.RootKeyGiven.Code);
    }

    [Theory, BothEngines]
    public async Task Of_two_rotations_at_once_one_is_refused_and_the_way_does_not_fork(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var pinned = TrustRoots.Parse(await server.FetchAsync("/.well-known/keygate/root.pem"));
        var handler = server.Get<RotateRootHandler>();
        var (one, other) = ((await handler.PrepareAsync(new(), None)).Value, (await handler.PrepareAsync(new(), None)).Value);

        var results = await Task.WhenAll(new[] { one, other }.Select(p => server.Database.WriteAsync(tx => handler.HandleAsync(tx, p, "issuer", None), None)));

        results.Count(r => r.IsDone).ShouldBe(1);
        results.Single(r => !r.IsDone).Error!.Code.ShouldBe(KeyServerErrors.RootChanged.Code);
        pinned.Follow(await server.FetchAsync(RootsPath)).Value!.Keys.Single().Fingerprint.ShouldBe(results.Single(r => r.IsDone).Value.To);
    }

    private static LicenseSigner Thief()
    {
        var key = LicenseSigningKey.Create(SigningAlgorithm.EcdsaP256, "Thief", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        return LicenseSigner.FromPem("thief", key.CertificatePem, key.PrivateKeyPem);
    }

    private static KeyName Name(string number)
    {
        KeyName.TryParse(number, out var name).ShouldBeTrue();
        return name!;
    }

    private static async Task<string> PrepareAsync(TestKeyServer server, RotateRootRequest request) => (await server.Get<RotateRootHandler>().PrepareAsync(request, None)).Error!.Code;

    private static async Task<RootRotationView> RotateAsync(TestKeyServer server, RotateRootRequest? request = null)
    {
        var handler = server.Get<RotateRootHandler>();
        var prepared = await handler.PrepareAsync(request ?? new(), None);
        prepared.Error.ShouldBeNull();
        return await server.DoAsync(tx => handler.HandleAsync(tx, prepared.Value, "issuer", None));
    }
}
