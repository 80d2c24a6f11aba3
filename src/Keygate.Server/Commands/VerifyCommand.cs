using System.CommandLine;
using Keygate.Kernel;
using Keygate.Verification;

namespace Keygate.Server;

/// <summary><c>keygate verify</c>: checks a license file or token without a server.</summary>
internal static class VerifyCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The license file, or a file with the token." };
        var trust = new Option<string>("--trust") { Description = "The trust bundle: PEM, as 'keygate keyserver trust' saves it, or the signed trust.json (with --root).", Required = true };
        var root = new Option<string?>("--root") { Description = "The root certificate (PEM), as 'keygate keyserver root' saves it." };
        var roots = new Option<string?>("--roots") { Description = "The issuer's roots.json (with --root): leads from an earlier root to the present one." };
        var status = new Option<string?>("--status") { Description = "The status list of the key's shard (with --root): tells whether the license is revoked or suspended." };
        var seen = new Option<string?>("--seen") { Description = "A file that keeps the highest numbers of trust bundle and status lists seen: older ones are refused." };
        var drift = new Option<int>("--clock-drift") { Description = "How many minutes this machine's clock may be wrong." };
        var ip = new Option<string[]>("--ip") { Description = "An address of the machine, to check what the license is bound to. May be repeated.", AllowMultipleArgumentsPerToken = false };
        var hardware = new Option<string?>("--hardware-id") { Description = "The machine's hardware id, to check what the license is bound to." };
        var instance = new Option<string?>("--instance") { Description = "The instance's id, to check what the license is bound to." };
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON." };
        var command = new Command("verify", "Checks a license file or token against a trust bundle, offline.") { file, trust, root, roots, status, seen, drift, ip, hardware, instance, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Inputs inputs;
            try
            {
                inputs = new Inputs(
                    await File.ReadAllBytesAsync(parsed.GetValue(file)!, cancellation), await File.ReadAllTextAsync(parsed.GetValue(trust)!, cancellation),
                    await TextAsync(parsed.GetValue(root), cancellation), await TextAsync(parsed.GetValue(roots), cancellation), await TextAsync(parsed.GetValue(status), cancellation),
                    parsed.GetValue(seen) is { } kept && File.Exists(kept) ? TrustMemory.Parse(await File.ReadAllTextAsync(kept, cancellation)) : new TrustMemory());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
            {
                return KeygateCommand.Refuse(ServerErrors.FileUnreadable.Because(e.Message));
            }

            var clock = Environment.GetEnvironmentVariable(SettingsReader.TestClock.Key);
            var now = (string.IsNullOrEmpty(clock) ? TimeProvider.System : new FileClock(clock)).GetUtcNow();
            var tolerance = TimeSpan.FromMinutes(Math.Clamp(parsed.GetValue(drift), 0, 24 * 60));
            if (!Read(inputs, now, tolerance).TryGet(out var documents, out var refusal))
            {
                return KeygateCommand.Refuse(refusal);
            }

            if (parsed.GetValue(seen) is { } keep)
            {
                try
                {
                    await File.WriteAllTextAsync(keep, inputs.Memory + "\n", cancellation);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return KeygateCommand.Refuse(ServerErrors.FileUnwritable.Because(e.Message));
                }
            }

            var own = new LicenseInstance { IpAddresses = parsed.GetValue(ip) ?? [], HardwareId = parsed.GetValue(hardware), InstanceId = parsed.GetValue(instance) };
            var verification = new LicenseVerifier(documents.Bundle).Verify(inputs.License, new LicenseConditions
            {
                Now = now,
                ClockDrift = tolerance,
                Status = documents.Status,
                Instance = own is { IpAddresses.Count: 0, HardwareId: null, InstanceId: null } ? null : own,
            });
            return Show(verification, parsed.GetValue(json));
        });
        return command;
    }

    private static Result<(TrustBundle Bundle, StatusList? Status)> Read(Inputs inputs, DateTimeOffset now, TimeSpan drift)
    {
        var isSigned = inputs.Trust.TrimStart().StartsWith('{');
        if (inputs.Root is null)
        {
            return isSigned || inputs.Status is not null
                ? ServerErrors.TrustBundleUnreadable.Because("A signed trust bundle or status list is verified with the root certificate, and none was given.").Mend("Name it with --root.")
                : TrustBundle.TryParse(inputs.Trust, out var pem, out var broken) ? (pem, null) : ServerErrors.TrustBundleUnreadable.Because(broken);
        }

        if (!TrustBundle.TryParse(inputs.Root, out _, out var reason))
        {
            return ServerErrors.TrustBundleUnreadable.Because(reason);
        }

        var roots = TrustRoots.Parse(inputs.Root);
        if (inputs.Roots is { } successions)
        {
            var followed = roots.Follow(successions);
            if (!followed.IsAccepted)
            {
                return Refusal(followed.Refusal);
            }

            roots = followed.Value;
        }

        TrustBundle? bundle;
        if (isSigned)
        {
            var read = roots.ReadTrust(inputs.Trust, inputs.Memory);
            if (!read.IsAccepted)
            {
                return Refusal(read.Refusal);
            }

            bundle = read.Value;
        }
        else if (!TrustBundle.TryParse(inputs.Trust, out bundle, out reason))
        {
            return ServerErrors.TrustBundleUnreadable.Because(reason);
        }

        if (inputs.Status is null)
        {
            return (bundle, null);
        }

        var list = roots.ReadStatus(inputs.Status, now, inputs.Memory, drift);
        return list.IsAccepted ? (bundle, list.Value) : Refusal(list.Refusal);
    }

    private static Error Refusal(LicenseRefusal refusal) => ServerErrors.TrustBundleUnreadable.Because(refusal.Reason).Mend(refusal.Remedy);

    private static async Task<string?> TextAsync(string? file, CancellationToken cancellation) => file is null ? null : await File.ReadAllTextAsync(file, cancellation);

    private static int Show(LicenseVerification verification, bool asJson)
    {
        var license = verification.License;
        var shown = new VerifiedLicense(
            verification.IsUsable, verification.IsAuthentic, verification.IsAuthentic ? verification.Validity.ToString() : null,
            license?.KeyNumber, license?.KeyVersion, license?.KeyType, license?.Features, license?.Product,
            license?.StartDate?.ToString(), license?.ExpirationDate?.ToString(), verification.SignedBy?.Fingerprint,
            verification.Refusal?.Code.ToString(), verification.Refusal?.Reason, verification.Refusal?.Remedy);
        if (asJson)
        {
            Console.WriteLine(Json.Write(shown));
        }

        if (verification.IsAuthentic && !asJson)
        {
            Plain.Write(Console.Out, System.Text.Json.JsonSerializer.SerializeToNode(shown, Json.Options), []);
        }

        return verification.IsUsable ? ExitCode.Done : KeygateCommand.Refuse(ServerErrors.LicenseFileRefused.Because(verification.Reason).Mend(verification.Remedy));
    }

    private sealed record Inputs(byte[] License, string Trust, string? Root, string? Roots, string? Status, TrustMemory Memory);

    private sealed record VerifiedLicense(
        bool Usable, bool Authentic, string? Validity, string? KeyNumber, int? KeyVersion, string? KeyType, IReadOnlyList<string>? Features, string? Product,
        string? StartDate, string? ExpirationDate, string? SignedBy, string? RefusalCode, string? Refusal, string? Remedy);
}
