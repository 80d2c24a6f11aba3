using System.Reflection;
using System.Runtime.Loader;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

/// <summary>The library's build for .NET Standard 2.0, as a product on an older framework loads it.</summary>
public sealed class NetStandardTests
{
    private static readonly Assembly Library = new AssemblyLoadContext("netstandard2.0").LoadFromAssemblyPath(
        Path.Combine(AppContext.BaseDirectory, "netstandard2.0", "Keygate.Verification.dll"));

    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256)]
    [InlineData(SigningAlgorithm.Rsa)]
    public async Task Verifies_files_and_tokens(SigningAlgorithm algorithm)
    {
        var signer = Licenses.Signer(algorithm);
        var file = signer.Sign(Licenses.Full());
        var token = await signer.SignTokenAsync(Licenses.Full(), CancellationToken.None);

        Verify(Licenses.PemOf(signer), file).ShouldBe("authentic PLSK.00041207");
        Verify(Licenses.PemOf(signer), System.Text.Encoding.ASCII.GetBytes(token)).ShouldBe("authentic PLSK.00041207");
        Verify(Licenses.PemOf(signer), Licenses.Foreign.Sign(Licenses.Full())).ShouldBe("KeyOutsideBundle");
        var changed = token.ToCharArray();
        changed[^5] = changed[^5] == 'A' ? 'B' : 'A';
        Verify(Licenses.PemOf(signer), System.Text.Encoding.ASCII.GetBytes(changed)).ShouldBe("SignatureWrong");
    }

    [Fact]
    public async Task Reads_a_bundle_with_an_Ed25519_key_and_says_that_it_cannot_verify_its_tokens()
    {
        Licenses.NeedsEd25519();
        var token = await Licenses.Ed25519.SignTokenAsync(Licenses.Full(), CancellationToken.None);

        var trust = Licenses.PemOf(Licenses.Ed25519) + Licenses.PemOf(Licenses.Ecdsa);
        Verify(trust, System.Text.Encoding.ASCII.GetBytes(token)).ShouldBe("AlgorithmNotOffered");
        Verify(trust, Licenses.Ecdsa.Sign(Licenses.Full())).ShouldBe("authentic PLSK.00041207");
    }

    [Fact]
    public async Task Reads_the_issuers_signed_documents()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_770_724_800);
        var json = await Licenses.Root.SignTrustAsync(new() { Number = 3, IssuedAt = now, Keys = [("ec-1", Licenses.Ecdsa.Certificate)] }, CancellationToken.None);
        var status = await Licenses.Root.SignStatusAsync(
            new() { Number = 5, Shard = 0, IssuedAt = now, ExpiresAt = now.AddHours(1), Keys = [(41207, KeyStatus.Suspended)] }, CancellationToken.None);
        var roots = Call(null, "TrustRoots", "Parse", Licenses.PemOf(Licenses.Root));
        var memory = Activator.CreateInstance(Type("TrustMemory"))!;

        var bundle = Get(Call(roots, "TrustRoots", "ReadTrust", json, memory), "Value");
        var list = Get(Call(roots, "TrustRoots", "ReadStatus", status, now, memory, null), "Value");

        Get(bundle!, "Number").ShouldBe(3L);
        Call(list, "StatusList", "StatusOf", "PLSK.00041207").ToString().ShouldBe("Suspended");
        memory.ToString().ShouldBe("trust=3 0=5");

        // From the root that it was shipped with to the one that follows.
        var word = await Licenses.Root.SignRootAsync(new() { IssuedAt = now, Next = Licenses.Foreign.Certificate }, CancellationToken.None);
        var followed = Get(Call(roots, "TrustRoots", "Follow", $$"""{"roots":["{{word}}"]}"""), "Value")!;
        Call(followed, "TrustRoots", "ToPem").ToString()!.ShouldContain(Licenses.Foreign.Certificate.Fingerprint);
    }

    private static string Verify(string pem, byte[] fileOrToken)
    {
        var verifier = Activator.CreateInstance(Type("LicenseVerifier"), Call(null, "TrustBundle", "Parse", pem), LicenseFormat.FileBytesMax)!;
        var verify = Type("LicenseVerifier").GetMethod("Verify", [typeof(byte[]), typeof(DateTimeOffset?)])!;
        var verification = verify.Invoke(verifier, [fileOrToken, null])!;
        return Get(verification, "Refusal") is { } refusal ? Get(refusal, "Code")!.ToString()! : "authentic " + Get(Get(verification, "License")!, "KeyNumber");
    }

    private static Type Type(string name) => Library.GetType("Keygate.Verification." + name, throwOnError: true)!;

    private static object Call(object? target, string type, string method, params object?[] arguments) => Type(type).GetMethod(method)!.Invoke(target, arguments)!;

    private static object? Get(object target, string property) => target.GetType().GetProperty(property)!.GetValue(target);
}
