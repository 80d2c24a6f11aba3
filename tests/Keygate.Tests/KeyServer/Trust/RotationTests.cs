using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Trust;

/// <summary>Planned and emergency rotation, from the key server over the wire to a product that verifies offline.</summary>
public sealed class RotationTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task After_two_planned_rotations_old_files_and_tokens_still_verify(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        var number = await server.BareKeyAsync();
        var file = await Product.FileAsync(server, number);
        var token = await Product.TokenAsync(server, number);
        await product.UpdateAsync();
        var first = product.Trust!;

        var second = await Product.RotateAsync(server, SigningKeyType.Rsa3072);
        var third = await Product.RotateAsync(server);
        await product.UpdateAsync();

        product.Trust!.Number.ShouldBe(first.Number + 1);
        product.Trust.Certificates.Select(c => c.Algorithm).ShouldBe([SigningAlgorithm.EcdsaP256, SigningAlgorithm.Rsa, SigningAlgorithm.EcdsaP256]);
        product.Trust.Certificates[1].KeyBits.ShouldBe(3072);
        product.Verify(file).IsUsable.ShouldBeTrue();
        product.Verify(token).IsUsable.ShouldBeTrue();
        (await Product.FileAsync(server, number)).ShouldBe(file);
        var later = product.Verify(await Product.FileAsync(server, await server.BareKeyAsync()));
        later.IsUsable.ShouldBeTrue(later.Reason);
        later.License!.SigningKeyId.ShouldBe(third.Name);
        (await server.Get<SigningRing>().ListAsync(None)).Where(k => k.Purpose == SigningKeyPurpose.License).Select(k => k.State)
            .ShouldBe([SigningKeyState.Retired, SigningKeyState.Retired, SigningKeyState.Active]);
        second.State.ShouldBe(SigningKeyState.Active);

        // A product that never fetched again knows nothing of the new key, and says what to do.
        new LicenseVerifier(first).Verify(await Product.FileAsync(server, await server.BareKeyAsync())).Refusal!.Code.ShouldBe(LicenseRefusalCode.KeyOutsideBundle);
    }

    [Theory, BothEngines]
    public async Task After_an_emergency_rotation_the_stolen_key_is_refused_and_every_delivered_license_verifies(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        var numbers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            numbers.Add(await server.BareKeyAsync());
        }

        string terminated = numbers[4], neverFetched = numbers[5];
        var old = new Dictionary<string, byte[]>();
        foreach (var number in numbers[..5])
        {
            old[number] = await Product.FileAsync(server, number);
        }

        var oldToken = await Product.TokenAsync(server, numbers[0]);
        (await server.CallAsync("terminateKey", terminated))["resultCode"].AsInt().ShouldBe(100);
        await product.UpdateAsync();
        var trustBefore = product.Trust!;
        var stolen = (await server.Get<SigningRing>().ListAsync(None)).Single(k => k.Purpose == SigningKeyPurpose.License).Name;

        // What the thief makes with the stolen key.
        var thief = (LicenseSigner)await server.Get<SigningRing>().ActiveAsync(None);
        var forged = new LicenseVerifier(trustBefore).Verify(old[numbers[0]]).License! with { KeyNumber = "PLSK.00099999", ExpirationDate = null };
        var forgedFile = thief.Sign(forged);
        var forgedToken = await thief.SignTokenAsync(forged, None);
        product.Verify(forgedFile).IsUsable.ShouldBeTrue("until it is known to be stolen");

        // A key that still signs, or whose licenses are out, is not revoked by mistake.
        (await RefusalAsync(server, stolen)).ShouldBe(KeyServerErrors.SigningKeyActive.Code);
        await Product.RotateAsync(server);
        (await RefusalAsync(server, stolen)).ShouldBe(KeyServerErrors.SigningKeyInUse.Code);
        product.Verify(old[numbers[0]]).IsUsable.ShouldBeTrue();

        var anew = await server.Get<SignAnewHandler>().HandleAsync(stolen, "issuer", None);
        anew.Value.ShouldBe(new SigningAnew(4, 0));
        (await server.Get<SignAnewHandler>().HandleAsync(stolen, "issuer", None)).Value.ShouldBe(new SigningAnew(0, 0));
        var delivered = new List<byte[]>();
        foreach (var number in numbers[..4].Append(neverFetched))
        {
            var retrieved = await server.CallAsync("retrieveKey", number);
            retrieved["resultCode"].AsInt().ShouldBe(100);
            retrieved["keyNumber"].AsString().ShouldBe(number == neverFetched ? number : number[..^4] + "0001");
            delivered.Add(retrieved["key"].AsBytes().ToArray());
        }

        var newToken = await Product.TokenAsync(server, numbers[0]);
        await Product.RevokeAsync(server, stolen);

        // Online: it fetches both. Every delivered license verifies, and what the stolen key signed does not.
        await product.UpdateAsync();
        foreach (var license in delivered)
        {
            var verified = product.Verify(license);
            verified.IsUsable.ShouldBeTrue(verified.Reason);
        }

        product.Verify(newToken).IsUsable.ShouldBeTrue();
        foreach (var refused in new[] { product.Verify(forgedFile), product.Verify(forgedToken), product.Verify(old[numbers[0]]), product.Verify(oldToken) })
        {
            refused.Refusal?.Code.ShouldBe(LicenseRefusalCode.KeyRevoked);
            refused.IsUsable.ShouldBeFalse();
            refused.Reason.ShouldContain(stolen);
        }

        // A new status list alone is enough: the bundle from before is refused with it.
        var behind = new LicenseVerifier(trustBefore).Verify(forgedFile, new LicenseConditions { Now = server.Time.GetUtcNow(), Status = product.Status });
        behind.Validity.ShouldBe(LicenseValidity.TrustOutdated);
        behind.IsUsable.ShouldBeFalse();

        // The bundle that the thief would like to be served again.
        product.Trust!.Number!.Value.ShouldBeGreaterThan(trustBefore.Number!.Value);
        product.Memory.TrustNumber.ShouldBe(product.Trust.Number.Value);
        (await server.KeyAsync(terminated)).Revision.ShouldBe(0);
        (await server.FetchAsync("/.well-known/keygate/trust.pem")).ShouldNotContain(trustBefore.Certificates[0].Fingerprint);
        var row = (await server.Get<SigningRing>().ListAsync(None)).Single(k => k.Name == stolen);
        row.State.ShouldBe(SigningKeyState.Revoked);
        row.PrivateKey.ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Signing_anew_goes_on_where_it_stopped_and_leaves_what_changed_meanwhile(Engine engine)
    {
        await using var server = await TestKeyServer.StartAsync(engine);
        var numbers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            numbers.Add(await server.BareKeyAsync());
            await Product.FileAsync(server, numbers[i]);
        }

        var old = (await server.Get<SigningRing>().ActiveAsync(None)).KeyId;
        await Product.RotateAsync(server);
        (await server.CallAsync("renewKey", numbers[1]))["resultCode"].AsInt().ShouldBe(100);

        (await server.Get<SignAnewHandler>().HandleAsync(old, "issuer", None)).Value.ShouldBe(new SigningAnew(2, 0));
        (await server.KeyAsync(numbers[0])).Revision.ShouldBe(1);
        (await server.KeyAsync(numbers[1])).Revision.ShouldBe(1);
        (await server.VerifiedAsync(await server.CallAsync("retrieveKey", numbers[1]))).SigningKeyId.ShouldNotBe(old);

        (await server.Get<SignAnewHandler>().HandleAsync("KG-none", "issuer", None)).Error!.Code.ShouldBe(KeyServerErrors.SigningKeyUnknown.Code);
    }

    [Theory, BothEngines]
    public async Task Ed25519_signs_tokens_beside_the_key_of_files_until_it_is_revoked(Engine engine)
    {
        Assert.SkipUnless(SigningAlgorithm.Ed25519.IsOffered(), "The libcrypto of this machine does not offer Ed25519.");
        await using var server = await TestKeyServer.StartAsync(engine);
        var product = new Product(server);
        var own = await Product.RotateAsync(server, SigningKeyType.Ed25519);
        own.Purpose.ShouldBe(SigningKeyPurpose.Token);
        var number = await server.BareKeyAsync();

        var file = await Product.FileAsync(server, number);
        var token = await Product.TokenAsync(server, number);
        await product.UpdateAsync();

        product.Verify(file).SignedBy!.Algorithm.ShouldBe(SigningAlgorithm.EcdsaP256);
        product.Verify(token).SignedBy!.Algorithm.ShouldBe(SigningAlgorithm.Ed25519);
        product.Verify(token).License.ShouldBe(product.Verify(file).License! with { SigningKeyId = own.Name });
        (await Product.TokenAsync(server, number)).ShouldBe(token);

        await Product.RevokeAsync(server, own.Name, leaveBehind: true);
        await product.UpdateAsync();
        product.Verify(token).Refusal!.Code.ShouldBe(LicenseRefusalCode.KeyRevoked);
        product.Verify(file).IsUsable.ShouldBeTrue();
        product.Verify(await Product.TokenAsync(server, await server.BareKeyAsync())).SignedBy!.Algorithm.ShouldBe(SigningAlgorithm.EcdsaP256);
    }

    [Fact]
    public async Task The_root_signs_no_license_and_is_not_revoked_here()
    {
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite);
        var ring = server.Get<SigningRing>();
        var root = (await ring.ListAsync(None)).Single(k => k.Purpose == SigningKeyPurpose.Root);

        (await RefusalAsync(server, root.Name)).ShouldBe(KeyServerErrors.SigningKeyIsRoot.Code);
        (await RefusalAsync(server, "KG-none")).ShouldBe(KeyServerErrors.SigningKeyUnknown.Code);
        (await ring.TrustAsync(None)).Certificates.ShouldNotContain(c => c.Fingerprint == SigningRing.CertificateOf(root.Certificate).Fingerprint);
        (await ring.ActiveAsync(None)).KeyId.ShouldNotBe(root.Name);
        (await ring.ForTokensAsync(None)).KeyId.ShouldNotBe(root.Name);
        (await server.FetchAsync("/.well-known/keygate/root.pem")).ShouldContain(SigningRing.CertificateOf(root.Certificate).Fingerprint);
    }

    private static async Task<string> RefusalAsync(TestKeyServer server, string name)
    {
        var result = await server.Database.WriteAsync(
            tx => server.Get<RevokeSigningKeyHandler>().HandleAsync(tx, name, new() { Reason = "stolen" }, "issuer", None), None);
        return result.Error!.Code;
    }
}
