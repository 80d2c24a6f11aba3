using System.Diagnostics;
using Keygate.Kernel;
using Keygate.KeyServer;
using Keygate.Storage;
using Keygate.Testing;
using Keygate.Tests.KeyServer.Trust;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.KeyServer.Signing;

/// <summary>Signing keys that the operator gives: in a file, in the environment, behind a socket.</summary>
public sealed class GivenKeyTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task A_key_in_a_file_or_as_text_signs_and_another_one_is_a_planned_rotation(Engine engine)
    {
        using var folder = new TempFolder();
        var first = NewKey();
        await File.WriteAllTextAsync(folder.File("signing.pem"), first, None);
        await using var server = await TestKeyServer.StartAsync(engine, options =>
        {
            options.SigningKey = GivenKey.Read("file:" + folder.File("signing.pem"), null).Value;
            options.RootKey = GivenKey.Read(NewKey().Replace("\n", "\\n", StringComparison.Ordinal), null).Value;
        });
        var product = new Product(server);
        var old = await Product.FileAsync(server, await server.BareKeyAsync());
        await product.UpdateAsync();
        product.Verify(old).SignedBy!.Fingerprint.ShouldBe(TrustBundle.Parse(Certificate(first)).Certificates[0].Fingerprint);
        var ring = server.Get<SigningRing>();
        (await ring.ListAsync(None)).ShouldAllBe(k => k.Origin == SigningKeyOrigin.Given && k.PrivateKey.Length == 0 && k.State == SigningKeyState.Active);

        var options = server.Get<Microsoft.Extensions.Options.IOptions<KeyServerOptions>>().Value;
        options.SigningKey = GivenKey.Read(NewKey(), null).Value;
        var after = await Product.FileAsync(server, await server.BareKeyAsync());
        await product.UpdateAsync();

        product.Verify(old).IsUsable.ShouldBeTrue();
        product.Verify(after).IsUsable.ShouldBeTrue();
        product.Verify(after).SignedBy!.Fingerprint.ShouldNotBe(product.Verify(old).SignedBy!.Fingerprint);
        server.Get<RotateSigningKeyHandler>().Prepare(new()).Error!.Code.ShouldBe(KeyServerErrors.SigningKeyGiven.Code);

        // A revoked key is not taken back, by no setting; nor is the root taken for a signing key.
        var firstName = (await ring.ListAsync(None)).First(k => k.Purpose == SigningKeyPurpose.License).Name;
        await Product.RevokeAsync(server, firstName, leaveBehind: true);
        options.SigningKey = GivenKey.Read(first, null).Value;
        (await Should.ThrowAsync<SignerException>(() => ring.ActiveAsync(None))).Message.ShouldContain("revoked");
        options.SigningKey = options.RootKey;
        (await Should.ThrowAsync<SignerException>(() => ring.ActiveAsync(None))).Message.ShouldContain("must differ");
    }

    [Fact]
    public void Says_what_is_wrong_with_a_key_at_start()
    {
        using var folder = new TempFolder();
        var ed25519 = SigningAlgorithm.Ed25519.IsOffered() ? LicenseSigningKey.Create(SigningAlgorithm.Ed25519, "x", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90)) : null;
        foreach (var wrong in new[]
        {
            "file:" + folder.File("none.pem"), "nonsense", Certificate(NewKey()), "http://signer.example/key", Certificate(NewKey()) + "\n" + PrivateKey(NewKey()),
            ed25519 is null ? "nonsense" : ed25519.CertificatePem + "\n" + ed25519.PrivateKeyPem,
        })
        {
            GivenKey.Read(wrong, null).Error!.Code.ShouldBe(KeyServerErrors.SigningKeyUnusable.Code, wrong);
        }

        GivenKey.Read(NewKey(), null).Value.ToString().ShouldBe("***");
        GivenKey.Read("https://signer.example/key?secret=1", null).Value.ToString().ShouldBe("https://signer.example/key");
    }

    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256, Engine.Sqlite)]
    [InlineData(SigningAlgorithm.Rsa, Engine.Sqlite)]
    [Trait("Needs", "Processes")]
    public async Task A_remote_signer_in_a_process_of_its_own_signs_files_and_tokens(SigningAlgorithm algorithm, Engine engine)
    {
        using var folder = new TempFolder();
        using var signer = await Signer.StartAsync(folder, LicenseSigningKey.Create(algorithm, "remote", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90)));
        await using var server = await TestKeyServer.StartAsync(engine, options => options.SigningKey = GivenKey.Read(signer.Url, new Secret(Signer.Token)).Value);
        var product = new Product(server);

        var numbers = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            numbers.Add(await server.BareKeyAsync());
            var file = await Product.FileAsync(server, numbers[i]);
            var token = await Product.TokenAsync(server, numbers[i]);
            await product.UpdateAsync();
            product.Verify(file).IsUsable.ShouldBeTrue();
            product.Verify(token).License.ShouldBe(product.Verify(file).License);
        }

        product.Verify(await Product.FileAsync(server, numbers[0])).SignedBy!.Subject.ShouldBe("CN=remote");

        // Gone: what was signed is handed out still, what is new is not, and nothing half made stays.
        var fresh = await server.BareKeyAsync();
        signer.Dispose();
        (await server.CallAsync("retrieveKey", numbers[0]))["resultCode"].AsInt().ShouldBe(100);
        var refused = await server.CallAsync("retrieveKey", fresh);
        refused["resultCode"].AsInt().ShouldBe(300);
        (await server.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from key_files", null, None), None)).ShouldBe(8);
    }

    [Fact]
    [Trait("Needs", "Processes")]
    public async Task What_a_remote_signer_signs_with_another_key_is_thrown_away()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        using var honest = await Signer.StartAsync(folder, LicenseSigningKey.Create(SigningAlgorithm.EcdsaP256, "remote", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90)));
        await using var server = await TestKeyServer.StartAsync(Engine.Sqlite, options => options.SigningKey = GivenKey.Read(honest.Url, new Secret(Signer.Token)).Value);
        var number = await server.BareKeyAsync();
        await server.Get<SigningRing>().ActiveAsync(None);

        // The same address, another key behind it.
        await File.WriteAllTextAsync(folder.File("key.pem"), PrivateKey(NewKey()), None);

        KeyName.TryParse(number, out var name).ShouldBeTrue();
        var refused = await server.Get<RetrieveKeyHandler>().HandleAsync(name!, SignedForm.File, new KeyCaller("test", null), None);
        refused.Error!.Code.ShouldBe(KeyServerErrors.SignerUnavailable.Code);
        refused.Error.Detail.ShouldContain("not this key's");
        (await server.Database.ReadAsync(s => s.GetAsync<int>("select count(*) from key_files", null, None), None)).ShouldBe(0);

        server.Get<Microsoft.Extensions.Options.IOptions<KeyServerOptions>>().Value.SigningKey = GivenKey.Read(honest.Url, new Secret("wrong")).Value;
        (await Should.ThrowAsync<SignerException>(() => server.Get<SigningRing>().ActiveAsync(None))).Message.ShouldContain("401");
    }

    private static string NewKey()
    {
        var key = LicenseSigningKey.Create(SigningAlgorithm.EcdsaP256, "given", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        return key.CertificatePem + "\n" + key.PrivateKeyPem + "\n";
    }

    private static string Certificate(string pem) => pem[..(pem.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + 25)];

    private static string PrivateKey(string pem) => pem[pem.IndexOf("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal)..];

    /// <summary>The sample signer, in Python and openssl, on a port that the system chose.</summary>
    private sealed class Signer : IDisposable
    {
        public const string Token = "the signer's own token";
        private readonly Process _process;

        private Signer(Process process, string url) => (_process, Url) = (process, url);

        public string Url { get; }

        public static async Task<Signer> StartAsync(TempFolder folder, LicenseSigningKey key)
        {
            await File.WriteAllTextAsync(folder.File("key.pem"), key.PrivateKeyPem, None);
            await File.WriteAllTextAsync(folder.File("certificate.pem"), key.CertificatePem, None);
            var start = new ProcessStartInfo("python3", [Path.Combine(Repository.Root, "samples", "signer", "signer.py"), folder.File("key.pem"), folder.File("certificate.pem"), "0"])
            {
                RedirectStandardOutput = true,
            };
            start.Environment["SIGNER_TOKEN"] = Token;
            Process? process = null;
            try
            {
                process = Process.Start(start);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Skip("Python is not installed here (apt: python3).");
            }

            return new Signer(process!, $"http://127.0.0.1:{await process!.StandardOutput.ReadLineAsync(None)}/keys/licenses");
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }
    }
}
