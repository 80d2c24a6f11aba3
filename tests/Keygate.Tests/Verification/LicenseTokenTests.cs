using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Keygate.Testing;
using Keygate.Verification;
using Shouldly;
using Xunit;
using static Keygate.Verification.LicenseRefusalCode;

namespace Keygate.Tests.Verification;

public sealed class LicenseTokenTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<string> Keys => ["ec-1", "rsa-1", "rsa-2", "ed-1"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Says_the_same_as_the_file(string key)
    {
        var signer = Signer(key);
        var verifier = new LicenseVerifier(Licenses.TrustIn(signer));
        foreach (var license in new[] { Licenses.Small(), Licenses.Full(), Licenses.Full() with { StartDate = null, Bindings = [], KeyBody = null } })
        {
            var token = await signer.SignTokenAsync(license, None);

            var verified = verifier.VerifyToken(token);

            verified.Refusal.ShouldBeNull();
            verified.License.ShouldBe(license with { SigningKeyId = key });
            verified.SignedBy!.KeyThumbprint.ShouldBe(signer.Certificate.KeyThumbprint);
            verifier.Verify(Encoding.ASCII.GetBytes(token + "\n"), new DateTimeOffset(2026, 2, 10, 0, 0, 0, TimeSpan.Zero)).Validity.ShouldBe(LicenseValidity.Valid);
        }
    }

    [Fact]
    public async Task Has_one_wire_form()
    {
        var parts = (await Licenses.Ecdsa.SignTokenAsync(Licenses.Full(), None)).Split('.');

        Text(parts[0]).ShouldBe($$"""{"alg":"ES256","kid":"{{Licenses.Ecdsa.Certificate.KeyThumbprint}}","typ":"keygate-license+jwt"}""");
        Approve.That(Text(parts[1]), "token-payload", "json");
        parts[2].Length.ShouldBe(86);
    }

    [Fact]
    public async Task Names_keys_by_their_thumbprint_of_RFC_7638()
    {
        // The example of the RFC, 3.1, as a certificate: its key alone counts.
        using var rsa = RSA.Create(new RSAParameters
        {
            Exponent = Bytes("AQAB"),
            Modulus = Bytes("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        });
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var any = RSA.Create(2048);
        using var certificate = request.Create(
            new("CN=issuer"), System.Security.Cryptography.X509Certificates.X509SignatureGenerator.CreateForRSA(any, RSASignaturePadding.Pkcs1), Licenses.Made, Licenses.Made.AddYears(1), [1]);

        TrustBundle.Of(certificate).Certificates[0].KeyThumbprint.ShouldBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        (await Licenses.Ecdsa.SignTokenAsync(Licenses.Small(), None)).Length.ShouldBeLessThan(450);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Refuses_one_character_changed_at_every_position(string key)
    {
        var signer = Signer(key);
        var verifier = new LicenseVerifier(Licenses.TrustIn(Licenses.Ecdsa, Licenses.Rsa, signer));
        var token = await signer.SignTokenAsync(Licenses.Small(), None);
        for (var at = 0; at < token.Length; at++)
        {
            foreach (var other in new[] { 'A', '_', '.', '=', ' ', 'b' }.Where(c => c != token[at]))
            {
                // White space at the ends is no part of the token.
                var changed = token[..at] + other + token[(at + 1)..];
                verifier.VerifyToken(changed).IsAuthentic.ShouldBeFalse($"{key}: '{other}' at {at}");
                verifier.VerifyToken(token[..at]).IsAuthentic.ShouldBeFalse($"{key}: cut at {at}");
            }
        }
    }

    [Fact]
    public async Task Refuses_what_attackers_write_into_the_header()
    {
        var certificate = Licenses.Ecdsa.Certificate;
        var payload = (await Licenses.Ecdsa.SignTokenAsync(Licenses.Full(), None)).Split('.')[1];
        string kid = certificate.KeyThumbprint, rsaKid = Licenses.Rsa.Certificate.KeyThumbprint;

        Refused("""{"alg":"none","kid":"KID","typ":"keygate-license+jwt"}""", _ => [], ForeignAlgorithm);
        Refused("""{"alg":"none"}""", _ => [], TokenType);
        Refused("""{"alg":"None","kid":"KID","typ":"keygate-license+jwt"}""", Sign, ForeignAlgorithm);
        // The public key as the secret of a MAC, in the forms in which libraries have taken it.
        Refused("""{"alg":"HS256","kid":"KID","typ":"keygate-license+jwt"}""", o => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Licenses.PemOf(Licenses.Ecdsa)), o), ForeignAlgorithm);
        Refused("""{"alg":"HS256","kid":"KID","typ":"keygate-license+jwt"}""", o => HMACSHA256.HashData(certificate.ToDer(), o), ForeignAlgorithm);
        Refused("""{"alg":"RS256","kid":"KID","typ":"keygate-license+jwt"}""", Sign, ForeignAlgorithm);
        Refused($$"""{"alg":"ES256","kid":"{{rsaKid}}","typ":"keygate-license+jwt"}""", Sign, ForeignAlgorithm);
        Refused($$"""{"alg":"RS256","kid":"{{rsaKid}}","typ":"keygate-license+jwt"}""", Sign, SignatureWrong);
        Refused("""{"alg":"ES256","kid":"unknown","typ":"keygate-license+jwt"}""", Sign, KeyOutsideBundle);
        Refused("""{"alg":"ES256","typ":"keygate-license+jwt"}""", Sign, KeyOutsideBundle);
        Refused("""{"alg":"ES256","kid":"KID","typ":"keygate-license+jwt","crit":["b64"],"b64":false}""", Sign, ForeignHeader);
        Refused("""{"alg":"ES256","kid":"KID","typ":"keygate-license+jwt","crit":[]}""", Sign, ForeignHeader);
        Refused("""{"alg":"ES256","kid":"KID","typ":"keygate-license+jwt","jku":"https://evil.example/jwks"}""", Sign, ForeignHeader);
        Refused($$"""{"alg":"ES256","kid":"KID","typ":"keygate-license+jwt","jwk":{{Licenses.Foreign.Certificate.ToJwk()}}}""", Sign, ForeignHeader);
        Refused($$"""{"alg":"ES256","kid":"unknown","typ":"keygate-license+jwt","jwk":{{Licenses.Foreign.Certificate.ToJwk()}}}""",
            o => LicenseIssuing.Lower(SigningAlgorithm.EcdsaP256, Licenses.Foreign.SignOctets(o)), KeyOutsideBundle);
        // Signed indeed, and spelt in a second way.
        Refused("""{"kid":"KID","alg":"ES256","typ":"keygate-license+jwt"}""", Sign, ForeignHeader);
        Refused("""{ "alg":"ES256","kid":"KID","typ":"keygate-license+jwt"}""", Sign, ForeignHeader);
        Refused("""{"alg":"ES256","alg":"none","kid":"KID","typ":"keygate-license+jwt"}""", Sign, NotAToken);
        Refused("""{"alg":"ES256","kid":"KID","typ":"JWT"}""", Sign, TokenType);
        Refused("""{"alg":"ES256","kid":"KID"}""", Sign, TokenType);
        Refused("[]", Sign, NotAToken);
        Refused("", Sign, NotAToken);

        void Refused(string header, Func<byte[], byte[]> sign, LicenseRefusalCode code)
        {
            var signed = Url(Encoding.UTF8.GetBytes(header.Replace("KID", kid, StringComparison.Ordinal))) + "." + payload;
            Licenses.Verifier.VerifyToken(signed + "." + Url(sign(Encoding.ASCII.GetBytes(signed)))).Refusal?.Code.ShouldBe(code, header);
            Licenses.Verifier.VerifyToken(signed + "." + Url(sign(Encoding.ASCII.GetBytes(signed)))).IsAuthentic.ShouldBeFalse(header);
        }
    }

    [Fact]
    public async Task Refuses_a_second_spelling_of_the_signature()
    {
        var token = await Licenses.Ecdsa.SignTokenAsync(Licenses.Small(), None);
        var cut = token.LastIndexOf('.') + 1;
        var signature = Bytes(token[cut..]);

        // The other value of s fits too, mathematically.
        var order = new BigInteger(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), true, true);
        var other = (order - new BigInteger(signature.AsSpan(32), true, true)).ToByteArray(true, true);
        byte[] high = [.. signature[..32], .. new byte[32 - other.Length], .. other];
        Licenses.Ecdsa.Certificate.VerifiesSignature(Encoding.ASCII.GetBytes(token[..(cut - 1)]), high).ShouldBeTrue();
        Refusal(token[..cut] + Url(high)).ShouldBe(SignatureWrong);

        // Unused bits of the last character, padding, the other alphabet, DER, leading zeros, nothing.
        Refusal(token[..^1] + (char)(token[^1] + 1)).ShouldBe(NotAToken);
        Refusal(token + "==").ShouldBe(NotAToken);
        Refusal(token[..cut] + Convert.ToBase64String(signature)).ShouldBe(NotAToken);
        Refusal(token[..cut] + Url([0x30, 0x44, 0x02, 0x20, .. signature[..32], 0x02, 0x20, .. signature[32..]])).ShouldBe(SignatureWrong);
        Refusal(token[..cut] + Url([0, .. signature])).ShouldBe(SignatureWrong);
        Refusal(token[..cut]).ShouldBe(SignatureWrong);
        Refusal(token[..(cut - 1)]).ShouldBe(NotAToken);
        Refusal(token + ".AAAA").ShouldBe(NotAToken);
        Refusal(token[..cut] + Url(new byte[64])).ShouldBe(SignatureWrong);
    }

    [Fact]
    public async Task Every_signature_has_the_lower_value()
    {
        // Half of them would not, by chance.
        for (var i = 0; i < 200; i++)
        {
            var token = await Licenses.Ecdsa.SignTokenAsync(Licenses.Small() with { KeyVersion = i }, None);
            Licenses.Verifier.VerifyToken(token).IsAuthentic.ShouldBeTrue();
        }

        byte[] highest = [.. new byte[32], .. Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550")];
        LicenseIssuing.Lower(SigningAlgorithm.EcdsaP256, highest).ShouldBe([.. new byte[63], 1]);
    }

    [Fact]
    public async Task Refuses_a_foreign_key_that_calls_itself_ours()
    {
        Refusal(await Licenses.Foreign.SignTokenAsync(Licenses.Full(), None)).ShouldBe(KeyOutsideBundle);
        var ours = await Licenses.Ecdsa.SignTokenAsync(Licenses.Full(), None);
        var signed = ours[..ours.LastIndexOf('.')];
        Refusal(signed + "." + Url(LicenseIssuing.Lower(SigningAlgorithm.EcdsaP256, Licenses.Foreign.SignOctets(Encoding.ASCII.GetBytes(signed))))).ShouldBe(SignatureWrong);
    }

    [Theory]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", true)]
    [InlineData("""{"sub":"PLSK.00041207","ver":1,"key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1, "sub":"PLSK.00041207","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"\u0041","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","sub":"PLSK.00041208","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1.0,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1","admin":true}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"exp":1772323201,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"A","features":[],"product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"A","features":["x",7],"product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":1,"keytype":"A","owner":null,"product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":2,"sub":"PLSK.00041207","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"41207","key-version":1,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("""{"ver":1,"sub":"PLSK.00041207","key-version":10000,"keytype":"A","product":"p","signing-key-id":"ec-1"}""", false)]
    [InlineData("nonsense", false)]
    public async Task Reads_signed_contents_in_one_spelling_only(string payload, bool accepted)
    {
        var token = await LicenseIssuing.SignAsync(Licenses.Ecdsa, "keygate-license+jwt", Encoding.UTF8.GetBytes(payload), None);

        var verified = Licenses.Verifier.VerifyToken(token);

        verified.IsAuthentic.ShouldBe(accepted, verified.Reason);
        if (!accepted)
        {
            verified.Refusal!.Code.ShouldBe(Layout);
        }
    }

    [Fact]
    public async Task Whatever_is_done_to_a_token_it_is_refused_or_says_the_same()
    {
        var token = await Licenses.Ecdsa.SignTokenAsync(Licenses.Full(), None);
        var license = Licenses.Full() with { SigningKeyId = "ec-1" };
        string[] pieces = [".", "=", "-", "_", "eyJ", " ", "\n", "\0", "<", "ü", "AAAA"];
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var changed = new StringBuilder(token);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(changed.Length);
                switch (random.Next(3))
                {
                    case 0:
                        changed[at] = (char)random.Next(33, 127);
                        break;
                    case 1:
                        changed.Remove(at, Math.Min(random.Next(1, 20), changed.Length - at));
                        break;
                    default:
                        changed.Insert(at, pieces[random.Next(pieces.Length)]);
                        break;
                }
            }

            var verified = Licenses.Verifier.VerifyToken(changed.ToString());
            Licenses.Verifier.Verify(Encoding.UTF8.GetBytes(changed.ToString())).IsAuthentic.ShouldBe(verified.IsAuthentic, $"seed {seed}");
            if (verified.IsAuthentic)
            {
                verified.License.ShouldBe(license, $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task Ed25519_signs_as_RFC_8032_says_and_no_files()
    {
        Licenses.NeedsEd25519();

        // 7.1, test 2.
        var key = Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        var signature = Ed25519.Sign(key, [0x72]);
        Convert.ToHexStringLower(Ed25519.PublicKeyOf(key)).ShouldBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        Convert.ToHexStringLower(signature).ShouldBe("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        Ed25519.Verify(Ed25519.PublicKeyOf(key), [0x72], signature).ShouldBeTrue();
        Ed25519.Verify(Ed25519.PublicKeyOf(key), [0x73], signature).ShouldBeFalse();

        // S plus the group's order would be a second spelling.
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var high = (new BigInteger(signature.AsSpan(32), isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        Ed25519.Verify(Ed25519.PublicKeyOf(key), [0x72], [.. signature[..32], .. high]).ShouldBeFalse();

        Should.Throw<InvalidOperationException>(() => Licenses.Ed25519.Sign(Licenses.Small())).Message.ShouldContain("tokens alone");
        await Should.ThrowAsync<ArgumentException>(async () => await Licenses.Ed25519.SignTokenAsync(Licenses.Small() with { Product = "" }, None));
    }

    private static LicenseRefusalCode? Refusal(string token) => Licenses.Verifier.VerifyToken(token).Refusal?.Code;

    private static byte[] Sign(byte[] octets) => LicenseIssuing.Lower(SigningAlgorithm.EcdsaP256, Licenses.Ecdsa.SignOctets(octets));

    private static string Url(byte[] octets) => System.Buffers.Text.Base64Url.EncodeToString(octets);

    private static byte[] Bytes(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private static string Text(string part) => Encoding.UTF8.GetString(Bytes(part));

    private static LicenseSigner Signer(string key)
    {
        if (key == "ed-1")
        {
            Licenses.NeedsEd25519();
        }

        return key switch { "ec-1" => Licenses.Ecdsa, "rsa-1" => Licenses.Rsa, "rsa-2" => Licenses.Rsa3072, _ => Licenses.Ed25519 };
    }
}
