using System.Globalization;
using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

public class CanonicalTests
{
    private static readonly string[] Oddities = RandomLicenses.Oddities;

    [Fact]
    public void The_writers_octets_equal_the_frameworks_canonical_form()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var license = RandomLicenses.Make(new Random(seed));
            license.Check().ShouldBeEmpty($"seed {seed}");

            var file = Licenses.Ecdsa.Sign(license);
            var result = Licenses.Verifier.Verify(file);

            result.Refusal.ShouldBeNull($"seed {seed}");
            result.License.ShouldBe(license with { SigningKeyId = "ec-1" }, $"seed {seed}");
            Text(CanonicalReference.TakeApart(file).Content).ShouldBe(Text(result.VerifiedOctets!), $"seed {seed}");
            Text(CanonicalReference.Of(CanonicalReference.Load(file))).ShouldBe(WithoutRedundantDeclaration(Text(file)), $"seed {seed}");
        }
    }

    [Fact]
    public void Our_canonicalization_equals_the_frameworks_for_any_document()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var document = new RandomDocument(new Random(seed)).Make();
            var octets = Encoding.UTF8.GetBytes(document);

            var ours = SignedDocument.Read(octets, out var refusal);

            refusal.ShouldBeNull($"seed {seed}: {document}");
            var (content, signature) = CanonicalReference.TakeApart(octets);
            Text(ours!.Content).ShouldBe(Text(content), $"seed {seed}: {document}");
            Text(ours.Signature).ShouldBe(Text(signature), $"seed {seed}: {document}");
        }
    }

    // The file declares the signature's namespace twice, so that SignedInfo stands there as it is signed; the canonical form of the whole does so once.
    private static string WithoutRedundantDeclaration(string file) =>
        file.Replace("<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">", "<SignedInfo>", StringComparison.Ordinal);

    private static string Text(byte[] octets) => Encoding.UTF8.GetString(octets);

    /// <summary>Spells a document as tools and people do: prefixes, declarations in odd places, quotes, references, CDATA, comments and white space.</summary>
    private sealed class RandomDocument(Random random)
    {
        private static readonly string[] Spaces = ["urn:keygate:license:1", "urn:a", "urn:b&c", "http://www.w3.org/1999/xhtml"];
        private static readonly string[] Names = ["key-number", "feature", "a", "b", "Ä", "_x", "long.name-1"];
        private static readonly string[] Prefixes = ["p", "q", "z9", "Ab"];

        public string Make()
        {
            var declaration = random.Next(3) switch { 0 => "<?xml version=\"1.0\" encoding=\"utf-8\"?>", 1 => "<?xml version='1.0'?>\n", _ => "" };
            var prefix = random.Next(3) == 0 ? "k" : "";
            var scope = new Dictionary<string, string>(StringComparer.Ordinal) { [prefix] = Spaces[0] };
            var root = prefix.Length == 0 ? "key" : "k:key";
            var before = $"{declaration}{Aside()}<{root}{Space()}{(prefix.Length == 0 ? "xmlns" : "xmlns:k")}={Quote(Spaces[0])}{Space(false)}>";
            var signature = $"<Signature xmlns=\"{SignatureTemplate.Dsig}\">{string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => Element(NewScope(), 2)))}</Signature>";
            return before + Children(scope, 1) + signature + $"{Children([], 99)}</{root}{Space(false)}>{Aside()}";

            // Within the signature its own namespace is the default one.
            Dictionary<string, string> NewScope() => new(scope, StringComparer.Ordinal) { [""] = SignatureTemplate.Dsig };
        }

        private string Children(Dictionary<string, string> scope, int depth)
        {
            if (depth > 5)
            {
                return random.Next(2) == 0 ? "" : Space();
            }
            var children = new StringBuilder();
            for (var i = random.Next(5); i > 0; i--)
            {
                children.Append(random.Next(3) switch
                {
                    0 => Text(),
                    1 => "<![CDATA[" + RawText().Replace("]]>", "", StringComparison.Ordinal) + "]]>",
                    _ => Element(scope, depth),
                });
            }
            return children.ToString();
        }

        private string Element(Dictionary<string, string> outer, int depth)
        {
            var scope = new Dictionary<string, string>(outer, StringComparer.Ordinal);
            var parts = new List<string>();
            foreach (var prefix in Prefixes.Append("").Where(_ => random.Next(5) == 0))
            {
                // A declaration for nothing, one again, one anew, and the default one taken back.
                var space = prefix.Length == 0 && random.Next(3) == 0 ? "" : Spaces[random.Next(Spaces.Length)];
                scope[prefix] = space;
                parts.Add($"{(prefix.Length == 0 ? "xmlns" : "xmlns:" + prefix)}={Quote(space)}");
            }
            var known = scope.Keys.Where(p => p.Length > 0).ToArray();
            var used = new HashSet<(string, string)>();
            for (var i = random.Next(4); i > 0; i--)
            {
                var prefix = known.Length > 0 && random.Next(2) == 0 ? known[random.Next(known.Length)] : "";
                var local = Names[random.Next(Names.Length)];
                if (used.Add((prefix.Length == 0 ? "" : scope[prefix], local)))
                {
                    parts.Add($"{(prefix.Length == 0 ? local : prefix + ":" + local)}={Quote(RawText())}");
                }
            }
            if (random.Next(6) == 0)
            {
                parts.Add("xml:lang=\"de\"");
            }
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts));
            var own = known.Length > 0 && random.Next(2) == 0 ? known[random.Next(known.Length)] + ":" : "";
            var name = own + Names[random.Next(Names.Length)];
            var tag = "<" + name + string.Concat(parts.Select(p => Space() + p)) + Space(false);
            return random.Next(4) == 0 ? tag + "/>" : $"{tag}>{Children(scope, depth + 1)}</{name}{Space(false)}>";
        }

        private string RawText() => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Oddities[random.Next(Oddities.Length)]));

        private string Text() => string.Concat(RawText().EnumerateRunes().Select(r => Spell(r, inAttribute: false, '"')))
            + random.Next(5) switch { 0 => "\r\n", 1 => "\r", 2 => "&#xD;", _ => "" };

        private string Quote(string value)
        {
            var quote = random.Next(2) == 0 ? '"' : '\'';
            return quote + string.Concat(value.EnumerateRunes().Select(r => Spell(r, inAttribute: true, quote))) + quote;
        }

        private string Spell(Rune rune, bool inAttribute, char quote)
        {
            if (rune.Value is '&' or '<' || (rune.Value == '>' && !inAttribute) || rune.Value == quote || random.Next(6) == 0)
            {
                return rune.Value switch
                {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    _ => random.Next(2) == 0 ? $"&#{rune.Value.ToString(CultureInfo.InvariantCulture)};" : $"&#x{rune.Value.ToString("x", CultureInfo.InvariantCulture)};",
                };
            }
            return rune.ToString();
        }

        private string Space(bool needed = true) => random.Next(4) switch { 0 => "\n  ", 1 => "\t", 2 => needed ? "\r\n" : "", _ => needed ? " " : "" };

        private string Aside() => random.Next(3) switch { 0 => "<!-- aside & <b> -->\n", 1 => "\n", _ => "" };
    }
}
