using System.Diagnostics;
using Keygate.Testing;
using Keygate.Tests.Verification;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Samples;

/// <summary>The samples that verify licenses, as the programs that they are: each accepts what is right and refuses what was changed.</summary>
[Trait("Needs", "Processes")]
public sealed class VerifySamplesTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempFolder _folder = new();
    private readonly LicenseFile _license;

    public VerifySamplesTests()
    {
        var today = LicenseDate.Of(TimeProvider.System.GetUtcNow());
        _license = Licenses.Full() with { Features = ["30_DOMAINS"], StartDate = null, ExpirationDate = today.ToDateOnly().AddDays(30) };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_product_in_DotNet() => WalkAsync(files: true, async arguments =>
    {
        var output = Path.Combine(Repository.Root, "samples", "verify", "dotnet", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0");
        return await RunAsync("dotnet", [Path.Combine(output, "Example.Product.dll"), .. arguments]);
    });

    [Fact]
    public async Task Node_with_jose()
    {
        await NeedAsync("node", "--version", "Node is missing; install it with: apt-get install -y --no-install-recommends nodejs npm");
        var sample = Path.Combine(Repository.Root, "samples", "verify", "node");
        foreach (var name in new[] { "package.json", "package-lock.json", ".npmrc", "verify.mjs" })
        {
            File.Copy(Path.Combine(sample, name), _folder.File(name));
        }

        var installed = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        Missing(installed.Exit == 0, $"npm could not install jose: {installed.Output}{installed.Errors}");
        await WalkAsync(files: false, arguments => RunAsync("node", [_folder.File("verify.mjs"), .. arguments]));
    }

    [Fact]
    public async Task Python_with_jwcrypto()
    {
        var python = "";
        foreach (var candidate in new[] { "python3", "/usr/bin/python3" })
        {
            python = python.Length == 0 && (await RunAsync(candidate, ["-c", "import jwcrypto"])).Exit == 0 ? candidate : python;
        }

        Missing(python.Length > 0, "jwcrypto is missing; install it with: apt-get install -y --no-install-recommends python3-jwcrypto");
        await NeedAsync("xmlsec1", "--version", "xmlsec1 is missing; install it with: apt-get install -y --no-install-recommends xmlsec1");
        await WalkAsync(files: true, arguments => RunAsync(python, [Path.Combine(Repository.Root, "samples", "verify", "python", "verify.py"), .. arguments]));
    }

    private async Task WalkAsync(bool files, Func<string[], Task<(int Exit, string Output, string Errors)>> verify)
    {
        var now = TimeProvider.System.GetUtcNow();
        LicenseSigner[] signers = SigningAlgorithm.Ed25519.IsOffered() ? [Licenses.Ecdsa, Licenses.Rsa, Licenses.Rsa3072, Licenses.Ed25519] : [Licenses.Ecdsa, Licenses.Rsa, Licenses.Rsa3072];
        var root = await WriteAsync("root.pem", TrustBundle.Of([Licenses.Root.Certificate]).ToPem());
        async Task<string> TrustAsync(string name, long number, LicenseSigner by) => await WriteAsync(name, await by.SignTrustAsync(new()
        {
            Number = number, IssuedAt = now, Keys = [.. signers.Select(s => (s.KeyId, s.Certificate))],
        }, None));
        async Task<string> StatusAsync(string name, KeyStatus status, TimeSpan age, long trustNumberMin = 1) => await WriteAsync(name, await Licenses.Root.SignStatusAsync(new()
        {
            Shard = 0, Number = 7, IssuedAt = now - age, ExpiresAt = now - age + TimeSpan.FromHours(24), TrustNumberMin = trustNumberMin, Keys = [(41207, status), (41206, KeyStatus.Revoked)],
        }, None));

        var trust = await TrustAsync("trust.json", 3, Licenses.Root);
        async Task AcceptedAsync(params string[] arguments) => (await verify(arguments)).ShouldBe((0, "valid PLSK.00041207 PLESK_100_FOR_VZ 30_DOMAINS\n", ""));
        async Task RefusedAsync(params string[] arguments)
        {
            var (exit, output, errors) = await verify(arguments);
            (exit, output).ShouldBe((1, ""), errors);
            errors.ShouldStartWith("refused: ");
        }

        foreach (var signer in signers)
        {
            var token = await signer.SignTokenAsync(_license, None);
            await AcceptedAsync(root, trust, await WriteAsync("token", token));
            await RefusedAsync(root, trust, await WriteAsync("changed", token[..^5] + (token[^5] == 'A' ? 'B' : 'A') + token[^4..]));
            if (files && signer.Algorithm.SignsFiles())
            {
                var file = System.Text.Encoding.UTF8.GetString(signer.Sign(_license));
                await AcceptedAsync(root, trust, await WriteAsync("license.xml", file));
                await RefusedAsync(root, trust, await WriteAsync("changed.xml", file.Replace("30_DOMAINS", "99_DOMAINS", StringComparison.Ordinal)));
            }
        }

        var good = await WriteAsync("token", await Licenses.Ecdsa.SignTokenAsync(_license, None));
        await AcceptedAsync(root, trust, good, await StatusAsync("status", KeyStatus.Good, TimeSpan.Zero));
        await RefusedAsync(root, trust, good, await StatusAsync("revoked", KeyStatus.Revoked, TimeSpan.Zero));
        await RefusedAsync(root, trust, good, await StatusAsync("suspended", KeyStatus.Suspended, TimeSpan.Zero));
        await RefusedAsync(root, trust, good, await StatusAsync("old", KeyStatus.Good, TimeSpan.FromHours(25)));
        await RefusedAsync(root, trust, good, await StatusAsync("newer", KeyStatus.Good, TimeSpan.Zero, trustNumberMin: 4));

        await RefusedAsync(root, await TrustAsync("forged.json", 4, Licenses.Ecdsa), good);
        await RefusedAsync(root, trust, await WriteAsync("foreign", await Licenses.Foreign.SignTokenAsync(_license, None)));
        await RefusedAsync(root, trust, await WriteAsync("expired", await Licenses.Ecdsa.SignTokenAsync(_license with { ExpirationDate = new LicenseDate(2026, 1, 1) }, None)));
        await RefusedAsync(root, trust, await WriteAsync("list", await File.ReadAllTextAsync(_folder.File("status"), None)));
        var parts = (await File.ReadAllTextAsync(good, None)).Split('.');
        await RefusedAsync(root, trust, await WriteAsync("none", $"{Url($$"""{"alg":"none","kid":"{{Licenses.Ecdsa.Certificate.KeyThumbprint}}","typ":"keygate-license+jwt"}""")}.{parts[1]}."));
        var crit = $"{Url($$"""{"alg":"ES256","kid":"{{Licenses.Ecdsa.Certificate.KeyThumbprint}}","typ":"keygate-license+jwt","crit":["x"],"x":1}""")}.{parts[1]}";
        await RefusedAsync(root, trust, await WriteAsync("crit", $"{crit}.{System.Buffers.Text.Base64Url.EncodeToString(Licenses.Ecdsa.SignOctets(System.Text.Encoding.ASCII.GetBytes(crit)))}"));

        // Last: a product that remembers refuses the lower numbers of all above from here on.
        await FollowAsync(AcceptedAsync, RefusedAsync, root, trust, good);
    }

    // Two replacements of the root, the second by an RSA key: who pinned the first is led to the third, by each root's own word.
    private async Task FollowAsync(Func<string[], Task> accepted, Func<string[], Task> refused, string pinned, string oldTrust, string license)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (second, third) = (Licenses.Foreign, Licenses.Rsa3072);
        async Task<string> WordAsync(LicenseSigner by, LicenseSigner next) => await by.SignRootAsync(new RootContents { IssuedAt = now, Next = next.Certificate }, None);
        async Task<string> RootsAsync(string name, params string[] words) => await WriteAsync(name, $$"""{"roots":[{{string.Join(',', words.Select(w => $"\"{w}\""))}}]}""");
        var (first, next) = (await WordAsync(Licenses.Root, second), await WordAsync(second, third));
        var trust = await WriteAsync("third.json", await third.SignTrustAsync(new() { Number = 5, IssuedAt = now, Keys = [("ec-1", Licenses.Ecdsa.Certificate)] }, None));
        var status = await WriteAsync("third.status", await third.SignStatusAsync(new() { Shard = 0, Number = 8, IssuedAt = now, ExpiresAt = now + TimeSpan.FromHours(24), TrustNumberMin = 1, Keys = [] }, None));

        await accepted(["--roots", await RootsAsync("none.json"), pinned, oldTrust, license]);
        await refused(["--roots", await RootsAsync("list.roots", await File.ReadAllTextAsync(_folder.File("status"), None)), pinned, oldTrust, license]);
        await refused([pinned, trust, license]);
        await accepted(["--roots", await RootsAsync("roots.json", first, next), pinned, trust, license, status]);
        await accepted(["--roots", await RootsAsync("others.json", await WordAsync(Licenses.Ecdsa, Licenses.Root), first, next), pinned, trust, license]);

        await refused(["--roots", await RootsAsync("half.json", first), pinned, trust, license]);
        await refused(["--roots", await RootsAsync("roots.json", first, next), pinned, oldTrust, license]);
        var (parts, stolen) = (first.Split('.'), (await WordAsync(Licenses.Ecdsa, third)).Split('.'));
        await refused(["--roots", await RootsAsync("forged.roots", $"{parts[0]}.{stolen[1]}.{stolen[2]}"), pinned, trust, license]);
    }

    private static string Url(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    private async Task NeedAsync(string program, string argument, string reason) => Missing((await RunAsync(program, [argument])).Exit == 0, reason);

    private static void Missing(bool there, string reason)
    {
        if (!there)
        {
            (Environment.GetEnvironmentVariable("CI") == "true").ShouldBeFalse(reason);
            Assert.Skip(reason);
        }
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(_folder.File(name), text, None);
        return _folder.File(name);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(string program, string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message);
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(None);
            var errors = process.StandardError.ReadToEndAsync(None);
            await process.WaitForExitAsync(None);
            return (process.ExitCode, await output, await errors);
        }
    }
}
