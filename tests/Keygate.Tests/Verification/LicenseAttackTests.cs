using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;
using static Keygate.Verification.LicenseRefusalCode;

namespace Keygate.Tests.Verification;

/// <summary>Each attack is held against the way by octets and the way by document; both have to refuse it, and the second says why.</summary>
public class LicenseAttackTests
{
    private static readonly string Dsig = SignatureTemplate.Dsig;

    public static TheoryData<SigningAlgorithm> Algorithms => [SigningAlgorithm.EcdsaP256, SigningAlgorithm.Rsa];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Refuses_one_byte_changed_at_every_position(SigningAlgorithm algorithm)
    {
        var file = Licenses.Signer(algorithm).Sign(Licenses.Full());

        foreach (var flip in new byte[] { 0x01, 0x20 })
        {
            for (var at = 0; at < file.Length; at++)
            {
                var changed = (byte[])file.Clone();
                changed[at] ^= flip;

                Licenses.Verifier.VerifyByOctets(changed, out _).ShouldBeNull($"byte {at} ^ {flip}");
                Licenses.Verifier.VerifyByDocument(changed, null).IsAuthentic.ShouldBeFalse($"byte {at} ^ {flip}");
            }
        }
    }

    [Fact]
    public void Whatever_is_done_to_a_file_it_is_refused_or_says_the_same()
    {
        var license = Licenses.Full() with { SigningKeyId = "ec-1" };
        var file = Licenses.Ecdsa.Sign(license);
        string[] pieces = ["<", ">", "/>", "&amp;", "<!-- -->", "<![CDATA[x]]>", " ", "\n", "'", "\"", "\0", "</key>", "<key>", "<Signature>", "\u00e4", "xmlns=\"\"", "<?a b?>", "&#x41;"];

        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var changed = file.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(changed.Count);
                var count = Math.Min(random.Next(1, 40), changed.Count - at);
                switch (random.Next(5))
                {
                    case 0:
                        changed[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        changed.RemoveRange(at, count);
                        break;
                    case 2:
                        changed.InsertRange(random.Next(changed.Count), changed.GetRange(at, count));
                        break;
                    case 3:
                        changed.Insert(at, (byte)random.Next(256));
                        break;
                    default:
                        changed.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                        break;
                }
            }

            var result = Licenses.Verifier.Verify([.. changed]);

            if (result.IsAuthentic)
            {
                result.License.ShouldBe(license, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Refuses_a_valid_signature_by_a_foreign_key()
    {
        Refused(Licenses.Foreign.Sign(Licenses.Full()), KeyOutsideBundle);
    }

    [Fact]
    public void Refuses_a_foreign_signature_under_a_trusted_certificate()
    {
        var forgery = new Forgery(Licenses.Ecdsa, Licenses.Full()) { Sign = o => Forgery.SignWith(Licenses.Foreign, o) };

        Refused(forgery.File(), SignatureWrong);
    }

    [Fact]
    public void Refuses_a_trusted_signature_under_a_foreign_certificate()
    {
        var forgery = new Forgery(Licenses.Ecdsa, Licenses.Full()) { Certificate = Convert.ToBase64String(Licenses.Foreign.Certificate.ToDer()) };

        Refused(forgery.File(), KeyOutsideBundle);
    }

    [Fact]
    public void Refuses_a_signature_without_its_certificate_or_with_a_second_one()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));
        var info = file[file.IndexOf("<KeyInfo>", StringComparison.Ordinal)..file.IndexOf("</Signature>", StringComparison.Ordinal)];

        Refused(file.Replace(info, "", StringComparison.Ordinal), SignatureShape);
        Refused(file.Replace(info, "<KeyInfo></KeyInfo>", StringComparison.Ordinal), KeyOutsideBundle);
        Refused(file.Replace(info, info + info, StringComparison.Ordinal), SignatureShape);
        Refused(file.Replace(info, "<KeyInfo><KeyName>ec-1</KeyName></KeyInfo>", StringComparison.Ordinal), KeyOutsideBundle);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    public void Refuses_an_empty_or_tiny_signature_value(string value)
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        Refused(WithSignatureValue(file, value), SignatureShape);
    }

    [Fact]
    public void Refuses_a_signature_of_zeros_and_one_in_der()
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Sign = _ => new byte[64] }.File(), SignatureWrong);
        Refused(new Forgery(Licenses.Rsa, Licenses.Small()) { Sign = _ => new byte[256] }.File(), SignatureWrong);

        var der = new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Sign = octets =>
            {
                using var key = (ECDsa)Licenses.Ecdsa.OpenKey();
                return key.SignData(octets, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            },
        };
        Refused(der.File(), SignatureShape);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Refuses_a_second_spelling_of_the_signature_value(SigningAlgorithm algorithm)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var file = Text(Licenses.Signer(algorithm).Sign(Licenses.Small()));
        var end = file.IndexOf("=</SignatureValue>", StringComparison.Ordinal);
        var last = file.LastIndexOfAny(Alphabet.ToCharArray(), end);

        // The last character's unused bits are decoded by nobody, so that this one means the same octets.
        var other = Alphabet[Alphabet.IndexOf(file[last], StringComparison.Ordinal) + 1];
        Convert.FromBase64String(SignatureValueOf(file)).ShouldBe(Convert.FromBase64String(SignatureValueOf(file[..last] + other + file[(last + 1)..])));
        Refused(file[..last] + other + file[(last + 1)..], SignatureWrong);
    }

    [Fact]
    public void Refuses_a_reference_to_an_id()
    {
        // Even if the issuer's key had signed a part by its id, the whole would not be covered.
        var original = Text(Licenses.Ecdsa.Sign(Licenses.Full())).Replace("<key ", "<key Id=\"orig\" ", StringComparison.Ordinal);
        var forgery = new Forgery(Licenses.Ecdsa, Licenses.Small()) { Content = Forgery.Greedy, Uri = "#orig", Referred = original };
        var appended = new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Content = Forgery.Greedy,
            Uri = "#orig",
            Referred = original,
            Appendix = $"<Object>{original[..original.IndexOf("<Signature", StringComparison.Ordinal)]}</key></Object>",
        };

        Refused(forgery.File(), ReferenceElsewhere);
        Refused(appended.File(), ReferenceElsewhere);
    }

    [Theory]
    [InlineData("#xpointer(/)")]
    [InlineData("#")]
    [InlineData("license.xml")]
    [InlineData("http://127.0.0.1:1/license.xml")]
    [InlineData("file:///etc/passwd")]
    public void Refuses_a_reference_to_anything_but_the_document(string uri)
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Uri = uri }.File(), ReferenceElsewhere);
    }

    [Fact]
    public void Refuses_a_reference_without_an_address()
    {
        Refused(Text(Licenses.Ecdsa.Sign(Licenses.Small())).Replace("<Reference URI=\"\">", "<Reference>", StringComparison.Ordinal), ReferenceElsewhere);
    }

    [Fact]
    public void Refuses_the_original_wrapped_in_another_license()
    {
        var original = Text(Licenses.Ecdsa.Sign(Licenses.Small()));
        var at = original.IndexOf("<Signature", StringComparison.Ordinal);
        var (content, signature) = (original[..at], original[at..^"</key>".Length]);

        Refused(Forgery.Greedy + original + "</key>", SignatureMoved);
        Refused(Forgery.Greedy + $"<wrapped>{original}</wrapped></key>", SignatureMoved);
        Refused(Forgery.Greedy + content + "</key>" + signature + "</key>", ContentChanged);
        Refused(Forgery.Greedy + signature.Replace("</Signature>", $"<Object>{content}</key></Object></Signature>", StringComparison.Ordinal) + "</key>", SignatureShape);
        Refused(Forgery.Greedy + signature + "</key>", ContentChanged);
    }

    [Fact]
    public void Refuses_a_moved_signature()
    {
        var original = Text(Licenses.Ecdsa.Sign(Licenses.Small()));
        var at = original.IndexOf("<Signature", StringComparison.Ordinal);
        var signature = original[at..^"</key>".Length];
        var rest = original[..at] + "</key>";

        Refused(rest.Replace("<key-number>", signature + "<key-number>", StringComparison.Ordinal), SignatureMoved);
        Refused(rest.Replace("<signing-key-id>", signature + "<signing-key-id>", StringComparison.Ordinal), SignatureMoved);
        Refused(rest.Replace("<keytype>", signature + "<keytype>", StringComparison.Ordinal), SignatureMoved);
        Refused(rest.Replace("</key>", signature + "x</key>", StringComparison.Ordinal), SignatureMoved);
        Refused(rest + signature, NotWellFormed);
    }

    [Fact]
    public void Refuses_two_signatures()
    {
        var original = Text(Licenses.Ecdsa.Sign(Licenses.Small()));
        var at = original.IndexOf("<Signature", StringComparison.Ordinal);
        var signature = original[at..^"</key>".Length];
        var foreign = new Forgery(Licenses.Foreign, Licenses.Small()).SignatureText();

        Refused(original.Replace("</key>", signature + "</key>", StringComparison.Ordinal), SeveralSignatures);
        Refused(original.Replace("</key>", foreign + "</key>", StringComparison.Ordinal), SeveralSignatures);
        Refused(original[..at] + foreign + original[at..], SeveralSignatures);
        Refused(original.Replace("</Signature>", $"<Object>{foreign}</Object></Signature>", StringComparison.Ordinal), SeveralSignatures);
        Refused(original.Replace("</Signature>", $"</Signature><Signature xmlns=\"{Dsig}\"/>", StringComparison.Ordinal), SeveralSignatures);
    }

    [Fact]
    public void Refuses_a_further_reference()
    {
        var forgery = new Forgery(Licenses.Ecdsa, Licenses.Small());
        forgery.FurtherReferences = forgery.ReferenceTo("", forgery.Content + "</key>");
        Refused(forgery.File(), FurtherReference);

        forgery.FurtherReferences = forgery.ReferenceTo("#other", "<other></other>");
        Refused(forgery.File(), FurtherReference);
    }

    [Fact]
    public void Refuses_an_added_object()
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Appendix = "<Object>hidden</Object>" }.File(), SignatureShape);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Appendix = "<x xmlns=\"urn:x\"></x>" }.File(), SignatureShape);
        Refused(Text(Licenses.Ecdsa.Sign(Licenses.Small())).Replace("<Signature ", "<Signature Id=\"s\" ", StringComparison.Ordinal), SignatureShape);
    }

    [Fact]
    public void Refuses_hmac_under_the_public_certificate()
    {
        var certificate = Licenses.Ecdsa.Certificate.ToDer();

        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            Sign = octets => HMACSHA256.HashData(certificate, octets),
        }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Method = "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            Sign = octets => HMACSHA1.HashData(certificate, octets),
        }.File(), ForeignAlgorithm);
    }

    [Fact]
    public void Refuses_sha1_even_by_a_trusted_key()
    {
        Refused(new Forgery(Licenses.Rsa, Licenses.Small())
        {
            Method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Sign = octets =>
            {
                using var key = (RSA)Licenses.Rsa.OpenKey();
                return key.SignHash(SHA1.HashData(octets), HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
            },
        }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { DigestMethod = Forgery.Sha1, Digest = SHA1.HashData }.File(), ForeignAlgorithm);
    }

    [Fact]
    public void Refuses_the_other_algorithm_than_the_keys()
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Method = SignatureTemplate.RsaSha256 }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Rsa, Licenses.Small()) { Method = SignatureTemplate.EcdsaSha256 }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Method = SignatureTemplate.RsaSha256,
            Sign = octets => Forgery.SignWith(Licenses.Rsa, octets),
        }.File(), ForeignAlgorithm);
    }

    [Theory]
    [InlineData(Forgery.InclusiveC14N)]
    [InlineData("http://www.w3.org/2001/10/xml-exc-c14n#WithComments")]
    [InlineData("urn:nonsense")]
    public void Refuses_foreign_canonicalizations(string algorithm)
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Canonicalization = algorithm }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Transforms = [SignatureTemplate.Enveloped, algorithm] }.File(), ForeignAlgorithm);
    }

    [Fact]
    public void Refuses_foreign_missing_and_reordered_transforms()
    {
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Transforms = ["http://www.w3.org/TR/1999/REC-xpath-19991116", SignatureTemplate.Enveloped, SignatureTemplate.ExclusiveC14N],
        }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small())
        {
            Transforms = [SignatureTemplate.Enveloped, "http://www.w3.org/TR/1999/REC-xslt-19991116", SignatureTemplate.ExclusiveC14N],
        }.File(), ForeignAlgorithm);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Transforms = [] }.File(), SignatureShape);
        Refused(new Forgery(Licenses.Ecdsa, Licenses.Small()) { Transforms = [SignatureTemplate.ExclusiveC14N, SignatureTemplate.Enveloped] }.File(), SignatureShape);
    }

    [Fact]
    public void Refuses_a_document_type()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        Refused("<!DOCTYPE key>" + file, DocumentType);
        Refused("<!DOCTYPE key [<!ENTITY e \"plesk\">]>" + file.Replace("<product>plesk", "<product>&e;", StringComparison.Ordinal), DocumentType);
        Refused("<!DOCTYPE key [<!ATTLIST product hidden CDATA \"x\">]>" + file, DocumentType);
        Refused("<!DOCTYPE key SYSTEM \"file:///etc/passwd\">" + file, DocumentType);
        Refused("<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
            + file.Replace("<product>plesk", "<product>&c;", StringComparison.Ordinal), DocumentType);
    }

    [Fact]
    public void Refuses_an_unknown_entity()
    {
        Refused(Text(Licenses.Ecdsa.Sign(Licenses.Small())).Replace("<product>plesk", "<product>&e;", StringComparison.Ordinal), NotWellFormed);
    }

    [Fact]
    public void Refuses_white_space_in_the_content()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        Refused(file.Replace("<product>", "\n  <product>", StringComparison.Ordinal), ContentChanged);
        Refused(file.Replace("<product>plesk", "<product> plesk", StringComparison.Ordinal), ContentChanged);
        Refused(file.Replace("</key>", "\n</key>", StringComparison.Ordinal), ContentChanged);
    }

    [Theory]
    [InlineData("<SignedInfo")]
    [InlineData("<SignatureMethod")]
    [InlineData("</DigestValue>")]
    [InlineData("<SignatureValue>")]
    [InlineData("</SignatureValue>")]
    [InlineData("<KeyInfo>")]
    [InlineData("</X509Certificate>")]
    [InlineData("</Signature>")]
    public void Refuses_white_space_in_the_signature(string before)
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        foreach (var white in new[] { " ", "\n", "\t", "&#xD;" })
        {
            Refused(file.Replace(before, white + before, StringComparison.Ordinal), SignatureShape);
        }
    }

    [Theory]
    [InlineData("PLSK.0004", "PLSK.0004<!-- -->")]
    [InlineData("<product>", "<!-- --><product>")]
    [InlineData("<SignatureValue>", "<SignatureValue><!-- -->")]
    [InlineData("<DigestValue>", "<DigestValue><!-- -->")]
    [InlineData("</key>", "<!-- --></key>")]
    public void Refuses_comments_inside(string here, string with)
    {
        Refused(Text(Licenses.Ecdsa.Sign(Licenses.Small())).Replace(here, with, StringComparison.Ordinal), Comment);
    }

    [Fact]
    public void Refuses_processing_instructions()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        Refused("<?xml-stylesheet href=\"x.css\"?>" + file, ProcessingInstruction);
        Refused(file.Replace("<product>", "<?a b?><product>", StringComparison.Ordinal), ProcessingInstruction);
        Refused(file + "<?a b?>", ProcessingInstruction);
    }

    [Fact]
    public void Refuses_duplicated_elements()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Full()));

        foreach (var element in new[] { "<expiration-date>2099-01-01</expiration-date>", "<key-number>PLSK.00000001</key-number>", "<feature>MORE</feature>", "<owner>Mallory</owner>" })
        {
            var name = element[1..element.IndexOf('>', StringComparison.Ordinal)];
            var at = file.IndexOf($"<{name}>", StringComparison.Ordinal);
            Refused(file.Insert(at, element), ContentChanged);
            Refused(file.Insert(file.IndexOf($"</{name}>", at, StringComparison.Ordinal) + name.Length + 3, element), ContentChanged);
        }
    }

    [Fact]
    public void Refuses_another_prefix_and_another_namespace()
    {
        var file = Text(Licenses.Ecdsa.Sign(Licenses.Small()));

        Refused(file.Replace("<key xmlns=", "<k:key xmlns:k=\"urn:keygate:license:1\" xmlns=", StringComparison.Ordinal).Replace("</key>", "</k:key>", StringComparison.Ordinal), ContentChanged);
        Refused(file.Replace("<product>", "<product xmlns=\"urn:other\">", StringComparison.Ordinal), ContentChanged);
        Refused(file.Replace("<product>", "<product a=\"b\">", StringComparison.Ordinal), ContentChanged);
        Refused(file.Replace("urn:keygate:license:1", "urn:keygate:license:2", StringComparison.Ordinal), UnknownVersion);
    }

    [Fact]
    public void Refuses_what_is_nested_deep_or_has_many_attributes()
    {
        const string Root = "<key xmlns=\"urn:keygate:license:1\">";
        var deep = Root + string.Concat(Enumerable.Repeat("<a>", 50_000)) + string.Concat(Enumerable.Repeat("</a>", 50_000)) + "</key>";
        var wide = Root + "<a " + string.Join(' ', Enumerable.Range(0, 20_000).Select(i => "a" + i.ToString(CultureInfo.InvariantCulture) + "=\"\"")) + "/></key>";

        Refused(deep, TooDeep);
        Refused(wide, TooDeep);
    }

    [Fact]
    public void A_certificate_in_another_certificates_name_is_worth_nothing()
    {
        // Same subject and key id as the trusted one: only the key counts.
        Licenses.Foreign.Certificate.Subject.ShouldBe(Licenses.Ecdsa.Certificate.Subject);
        Licenses.Foreign.KeyId.ShouldBe(Licenses.Ecdsa.KeyId);
        new LicenseVerifier(TrustBundle.Parse(Licenses.PemOf(Licenses.Foreign))).Verify(Licenses.Ecdsa.Sign(Licenses.Small())).Refusal!.Code.ShouldBe(KeyOutsideBundle);
    }

    private static void Refused(string file, LicenseRefusalCode expected) => Refused(Encoding.UTF8.GetBytes(file), expected);

    private static void Refused(byte[] file, LicenseRefusalCode expected)
    {
        Licenses.Verifier.VerifyByOctets(file, out _).ShouldBeNull();
        var byDocument = Licenses.Verifier.VerifyByDocument(file, null);
        byDocument.Refusal.ShouldNotBeNull().Code.ShouldBe(expected, byDocument.Refusal!.Reason);
        var result = Licenses.Verifier.Verify(file);
        result.License.ShouldBeNull();
        result.VerifiedOctets.ShouldBeNull();
        result.IsUsable.ShouldBeFalse();
        result.Refusal.ShouldBe(byDocument.Refusal);
    }

    private static string Text(byte[] file) => Encoding.UTF8.GetString(file);

    private static string SignatureValueOf(string file)
    {
        var start = file.IndexOf("<SignatureValue>", StringComparison.Ordinal) + "<SignatureValue>".Length;
        return file[start..file.IndexOf("</SignatureValue>", StringComparison.Ordinal)];
    }

    private static string WithSignatureValue(string file, string value) => file.Replace(SignatureValueOf(file), value, StringComparison.Ordinal);
}
