using Keygate.Verification;

// A product that checks its license at start, offline, from what it has fetched and kept.
//   Example.Product [--roots roots.json] ROOT.pem trust.json LICENSE [status list]
string? rootsFile = null;
if (args is ["--roots", var file, ..])
{
    (rootsFile, args) = (file, args[2..]);
}

if (args.Length is < 3 or > 4)
{
    Console.Error.WriteLine("usage: Example.Product [--roots roots.json] ROOT.pem trust.json LICENSE [STATUS]");
    return 2;
}

var now = TimeProvider.System.GetUtcNow();
var roots = TrustRoots.Parse(File.ReadAllText(args[0]));
if (rootsFile is not null)
{
    // A real product keeps what it followed to (ToPem) in place of what it shipped with.
    var followed = roots.Follow(File.ReadAllText(rootsFile));
    if (!followed.IsAccepted)
    {
        return Refuse(followed.Refusal.Reason, followed.Refusal.Remedy);
    }

    roots = followed.Value;
}

// A real product keeps this where its user does not replace it lightly.
var seen = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(args[1]))!, "seen.txt");
var memory = File.Exists(seen) ? TrustMemory.Parse(File.ReadAllText(seen)) : new TrustMemory();

var trust = roots.ReadTrust(File.ReadAllText(args[1]), memory);
if (!trust.IsAccepted)
{
    return Refuse(trust.Refusal.Reason, trust.Refusal.Remedy);
}

StatusList? status = null;
if (args.Length == 4)
{
    var list = roots.ReadStatus(File.ReadAllText(args[3]), now, memory);
    if (!list.IsAccepted)
    {
        return Refuse(list.Refusal.Reason, list.Refusal.Remedy);
    }

    status = list.Value;
}

File.WriteAllText(seen, memory.ToString());
var result = new LicenseVerifier(trust.Value).Verify(File.ReadAllBytes(args[2]), new LicenseConditions { Now = now, Status = status });
if (!result.IsUsable)
{
    return Refuse(result.Reason, result.Remedy);
}

Console.WriteLine($"valid {result.License.KeyNumber} {result.License.KeyType} {string.Join(' ', result.License.Features)}".TrimEnd());
return 0;

static int Refuse(string reason, string remedy)
{
    Console.Error.WriteLine($"refused: {reason} {remedy}");
    return 1;
}
