using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class LicenseFileWriterTests
{
    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256)]
    [InlineData(SigningAlgorithm.Rsa)]
    public void Writes_what_the_verifier_reads_back_on_both_ways(SigningAlgorithm algorithm)
    {
        var signer = Licenses.Signer(algorithm);

        foreach (var license in new[] { Licenses.Small(), Licenses.Full() })
        {
            var file = signer.Sign(license);
            var fast = Licenses.Verifier.Verify(file);
            var slow = Licenses.Verifier.VerifyByDocument(file, null);

            fast.Refusal.ShouldBeNull();
            slow.Refusal.ShouldBeNull();
            fast.License.ShouldBe(license with { SigningKeyId = signer.KeyId });
            slow.License.ShouldBe(fast.License);
            slow.VerifiedOctets.ShouldBe(fast.VerifiedOctets);
            fast.SignedBy!.Fingerprint.ShouldBe(signer.Certificate.Fingerprint);
            Licenses.Verifier.VerifyByOctets(file, out _).ShouldNotBeNull("a file of ours takes the fast way");
        }
    }
}
