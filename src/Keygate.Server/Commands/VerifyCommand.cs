using System.CommandLine;
using Keygate.Kernel;
using Keygate.Verification;

namespace Keygate.Server;

/// <summary><c>keygate verify</c>: checks a license file without a server.</summary>
internal static class VerifyCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The license file." };
        var trust = new Option<string>("--trust") { Description = "The trust bundle (PEM), as 'keygate keyserver trust' saves it.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON." };
        var command = new Command("verify", "Checks a license file against a trust bundle, offline.") { file, trust, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            byte[] license;
            string pem;
            try
            {
                license = await File.ReadAllBytesAsync(parsed.GetValue(file)!, cancellation);
                pem = await File.ReadAllTextAsync(parsed.GetValue(trust)!, cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return KeygateCommand.Refuse(ServerErrors.FileUnreadable.Because(e.Message));
            }

            if (!TrustBundle.TryParse(pem, out var bundle, out var reason))
            {
                return KeygateCommand.Refuse(ServerErrors.TrustBundleUnreadable.Because(reason));
            }

            var clock = Environment.GetEnvironmentVariable(SettingsReader.TestClock.Key);
            var now = (string.IsNullOrEmpty(clock) ? TimeProvider.System : new FileClock(clock)).GetUtcNow();
            var verification = new LicenseVerifier(bundle).Verify(license, now);
            return Show(verification, parsed.GetValue(json));
        });
        return command;
    }

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

        if (verification.Refusal is { } refusal)
        {
            return KeygateCommand.Refuse(ServerErrors.LicenseFileRefused.Because(refusal.Reason).Mend(refusal.Remedy));
        }

        if (!asJson)
        {
            Plain.Write(Console.Out, System.Text.Json.JsonSerializer.SerializeToNode(shown, Json.Options), []);
        }

        return verification.Validity switch
        {
            LicenseValidity.Valid => ExitCode.Done,
            LicenseValidity.Expired => KeygateCommand.Refuse(ServerErrors.LicenseFileRefused.Because($"The file is authentic, but expired on {shown.ExpirationDate}.").Mend("Renew the license.")),
            _ => KeygateCommand.Refuse(ServerErrors.LicenseFileRefused.Because($"The file is authentic, but valid only from {shown.StartDate}.").Mend("Wait until then, and check this machine's clock.")),
        };
    }

    private sealed record VerifiedLicense(
        bool Usable, bool Authentic, string? Validity, string? KeyNumber, int? KeyVersion, string? KeyType, IReadOnlyList<string>? Features, string? Product,
        string? StartDate, string? ExpirationDate, string? SignedBy, string? RefusalCode, string? Refusal, string? Remedy);
}
