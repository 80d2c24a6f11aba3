using System.Diagnostics;
using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

/// <summary>Another implementation of XML signatures has to accept our files, in the forms that we publish: under the pinned certificate.</summary>
public sealed class XmlsecTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keygate-xmlsec-").FullName;

    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256)]
    [InlineData(SigningAlgorithm.Rsa)]
    public async Task Accepts_our_files_under_the_pinned_certificate(SigningAlgorithm algorithm)
    {
        NeedsXmlsec();
        foreach (var license in new[] { Licenses.Small(), Licenses.Full() })
        {
            var file = Licenses.Signer(algorithm).Sign(license);

            (await VerifyPinnedAsync(algorithm, file)).ShouldBe((0, true));
            (await VerifyByTrustedCertificateAsync(algorithm, file)).ShouldBe((0, true));
        }
    }

    [Fact]
    public async Task Accepts_what_a_tool_spelt_anew_as_we_do()
    {
        NeedsXmlsec();
        var file = "<?xml version='1.0'?>\n<!-- kept -->" + Encoding.UTF8.GetString(Licenses.Ecdsa.Sign(Licenses.Full()))
            .Replace("kind=\"ip\"", "kind='ip'", StringComparison.Ordinal).Replace("></Transform>", "/>", StringComparison.Ordinal);

        (await VerifyPinnedAsync(SigningAlgorithm.EcdsaP256, Encoding.UTF8.GetBytes(file))).ShouldBe((0, true));
        Licenses.Verifier.Verify(Encoding.UTF8.GetBytes(file)).IsAuthentic.ShouldBeTrue();
    }

    [Fact]
    public async Task Refuses_a_changed_file_and_a_foreign_key_as_we_do()
    {
        NeedsXmlsec();
        var changed = Encoding.UTF8.GetString(Licenses.Ecdsa.Sign(Licenses.Full())).Replace("2026-03-01", "2099-03-01", StringComparison.Ordinal);

        (await VerifyPinnedAsync(SigningAlgorithm.EcdsaP256, Encoding.UTF8.GetBytes(changed))).ShouldBe((1, false));
        (await VerifyPinnedAsync(SigningAlgorithm.EcdsaP256, Licenses.Foreign.Sign(Licenses.Full()))).ShouldBe((1, false));
    }

    /// <summary>Thousands of random files, a changed one among each batch: one process verifies a whole batch, and stops at the first that it refuses.</summary>
    [Theory]
    [InlineData("ec-1", 2000)]
    [InlineData("rsa-1", 700)]
    [InlineData("rsa-2", 300)]
    [Trait("Needs", "Processes")]
    public async Task Agrees_with_us_on_thousands_of_random_files(string key, int count)
    {
        NeedsXmlsec();
        var signer = key switch { "ec-1" => Licenses.Ecdsa, "rsa-1" => Licenses.Rsa, _ => Licenses.Rsa3072 };
        var verifier = new LicenseVerifier(Licenses.TrustIn(signer));
        const int Batch = 250;
        for (var first = 0; first < count; first += Batch)
        {
            var names = new List<string>();
            for (var seed = first; seed < Math.Min(first + Batch, count); seed++)
            {
                var file = signer.Sign(RandomLicenses.Make(new Random(seed)));
                verifier.Verify(file).IsAuthentic.ShouldBeTrue($"seed {seed}");
                names.Add(await WriteAsync($"{seed}.xml", file));
            }

            var (exit, oks) = await VerifyAllAsync(signer, names);
            (exit, oks).ShouldBe((0, names.Count), $"from seed {first}");

            var changedSeed = new Random(first);
            var changed = await File.ReadAllBytesAsync(names[^1], TestContext.Current.CancellationToken);
            var at = changedSeed.Next(Encoding.UTF8.GetString(changed).IndexOf("<Signature", StringComparison.Ordinal) / 2) + 5;
            changed[at] = (byte)(changed[at] == 'x' ? 'y' : 'x');
            verifier.Verify(changed).IsAuthentic.ShouldBeFalse($"from seed {first}, byte {at}");
            await WriteAsync(Path.GetFileName(names[^1]), changed);
            (await VerifyAllAsync(signer, names.TakeLast(2).ToList())).ShouldBe((1, 1), $"from seed {first}, byte {at}");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void NeedsXmlsec()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "xmlsec1")));
        if (!found)
        {
            const string Reason = "xmlsec1 is missing; install it with: apt-get install -y --no-install-recommends xmlsec1";
            (Environment.GetEnvironmentVariable("CI") == "true").ShouldBeFalse(Reason);
            Assert.Skip(Reason);
        }
    }

    private Task<(int Exit, bool Ok)> VerifyPinnedAsync(SigningAlgorithm algorithm, byte[] file) => RunAsync(
        algorithm, file, certificate => ["--verify", "--enabled-key-data", "key-name", "--enabled-reference-uris", "empty", "--pubkey-cert-pem", certificate]);

    private Task<(int Exit, bool Ok)> VerifyByTrustedCertificateAsync(SigningAlgorithm algorithm, byte[] file) =>
        RunAsync(algorithm, file, certificate => ["--verify", "--trusted-pem", certificate]);

    private async Task<string> WriteAsync(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        return path;
    }

    private async Task<(int Exit, int Oks)> VerifyAllAsync(LicenseSigner signer, List<string> files)
    {
        var certificate = await WriteAsync("signing-certificate.pem", Encoding.ASCII.GetBytes(Licenses.PemOf(signer)));
        using var process = Process.Start(new ProcessStartInfo(
            "xmlsec1", ["--verify", "--enabled-key-data", "key-name", "--enabled-reference-uris", "empty", "--pubkey-cert-pem", certificate, .. files])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output + "\n" + await errors).Split('\n').Count(line => line == "OK"));
    }

    private async Task<(int Exit, bool Ok)> RunAsync(SigningAlgorithm algorithm, byte[] file, Func<string, string[]> arguments)
    {
        var license = Path.Combine(_folder, "license.xml");
        var certificate = Path.Combine(_folder, "signing-certificate.pem");
        await File.WriteAllBytesAsync(license, file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(certificate, TrustBundle.Parse(Licenses.PemOf(Licenses.Signer(algorithm))).ToPem(), TestContext.Current.CancellationToken);

        using var process = Process.Start(new ProcessStartInfo("xmlsec1", [.. arguments(certificate), license]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output + "\n" + await errors).Split('\n').Contains("OK"));
    }
}
