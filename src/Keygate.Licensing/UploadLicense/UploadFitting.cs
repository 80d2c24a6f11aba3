using Keygate.Kernel;

namespace Keygate.Licensing;

/// <summary>A license for which a file is wanted.</summary>
/// <param name="License">The license.</param>
/// <param name="Features">What it was asked for with.</param>
/// <param name="Like">Licenses of which this is the same were asked for alike: it does not matter which of them gets which key.</param>
internal sealed record WantedFile(License License, IReadOnlyList<string> Features, string Like);

/// <summary>What belongs to one upload: a base license with its additional ones.</summary>
/// <param name="Of">The license that it is for.</param>
/// <param name="Wanted">The licenses for which a file is wanted, <paramref name="Of"/> first.</param>
internal sealed record UploadSet(License Of, List<WantedFile> Wanted)
{
    public static UploadSet Asked(License of, License leader, List<License> wanted)
    {
        var asked = Json.Read<RequestLicenseRequest>(leader.Request);
        var like = string.Join('|', [leader.KeyType, leader.BillTypeName, .. asked.Features.Order(StringComparer.Ordinal), "+", .. asked.AddOns.Order(StringComparer.Ordinal)]);
        return new UploadSet(of, [.. wanted.Select(w => new WantedFile(w, w.Id == leader.Id ? asked.Features : [], like))]);
    }
}

/// <summary>Finds the license that a file is for. Pure.</summary>
internal static class UploadFitting
{
    /// <summary>The license of those wanted and not taken that the file is for; or why there is none, or more than one.</summary>
    public static Result<License> Choose(UploadedFile file, UploadKey key, IReadOnlyList<WantedFile> wanted, IReadOnlyCollection<LicenseId> taken)
    {
        // What a Key Administrator's file calls its key type may be another word than the one it is ordered by: then a person's word counts.
        if (key.KeyType is not null && file.KeyType is not null && !file.Foreign && !IsSame(key.KeyType, file.KeyType))
        {
            return LicensingErrors.UploadUnfit.Because($"'{file.Name}' is of key type {file.KeyType}, not {key.KeyType}.").At("keys");
        }

        var named = key.LicenseId is { } id ? [.. wanted.Where(w => w.License.Id == id)] : wanted;

        // Where all that is wanted is of one kind, a file leaves no doubt.
        var type = key.KeyType ?? file.KeyType ?? (named.Select(w => w.License.KeyType).Distinct(StringComparer.Ordinal).Count() == 1 ? named[0].License.KeyType : null);
        var open = named.Where(w => type is not null && IsSame(w.License.KeyType, type) && !taken.Contains(w.License.Id)).ToList();
        if (open.Count == 0)
        {
            return LicensingErrors.UploadUnfit.Because(
                key.LicenseId is not null && named.Count == 0 ? $"License {key.LicenseId} is none of those that the upload is for."
                : type is null ? $"'{file.Name}' does not tell its key type, and several licenses were ordered."
                : $"'{file.Name}' is of key type {type}; no file of it is wanted, or one more than were ordered.")
                .Mend("Say under 'keys' which key type each key number has; the license shows what was ordered.").At("files");
        }

        // The same upload again finds what it found before.
        if (open.Find(w => w.License.KeyNumber == file.KeyNumber) is { } before)
        {
            return before.License;
        }

        var fit = open.Where(w => w.Features.All(f => file.Features.Contains(f, StringComparer.OrdinalIgnoreCase))).ToList();
        if (file is { Features.Count: > 0, Foreign: false } && fit.Count == 0)
        {
            var lacks = open[0].Features.Except(file.Features, StringComparer.OrdinalIgnoreCase);
            return LicensingErrors.UploadUnfit.Because($"'{file.Name}' lacks what license {open[0].License.Id} was asked for with: {string.Join(", ", lacks)}.").At("files");
        }

        // One with more features fits whoever asked for fewer, so the likest comes first.
        var best = file.Features.Count == 0 || fit.Count == 0 ? open : [.. fit.Where(w => w.Features.Count == fit.Max(f => f.Features.Count))];
        return best.Select(w => w.Like).Distinct(StringComparer.Ordinal).Count() == 1
            ? best[0].License
            : LicensingErrors.UploadUnfit.Because($"'{file.Name}' does not tell which of the licenses {string.Join(", ", best.Select(w => w.License.Id))} it is for; they were asked for with different features.")
                .Mend("Say under 'keys' which license each key number is for (licenseId).").At("files");
    }

    /// <summary>
    /// The first day without a valid license. A Lease needs one: without it, it would stand there as valid for ever, be renewed by nobody and warned of by nobody.
    /// What the same key was uploaded with before needs no word again.
    /// </summary>
    public static Result<DateOnly?> EndOf(License license, UploadedFile file, UploadKey key, DateOnly? otherwise, DateOnly today)
    {
        var end = key.ExpirationDate ?? file.ExpirationDate;
        if (license.BillType != Catalog.BillType.Lease)
        {
            return end ?? (license.KeyNumber == file.KeyNumber ? license.ExpirationDate : null);
        }

        end ??= otherwise ?? (license.KeyNumber == file.KeyNumber ? license.ExpirationDate : null);
        return end is null
            ? LicensingErrors.UploadUnfit.Because($"'{file.Name}' does not tell until when it is valid, and license {license.Id} ({license.ClassName}) is a Lease.")
                .Mend("Give the expirationDate (--expires), the first day without a valid license: of the upload, or of a key under 'keys'.").At("expirationDate")
            : end <= today && end != license.ExpirationDate
            ? LicensingErrors.UploadUnfit.Because($"'{file.Name}' is valid until {end:yyyy-MM-dd}, which is over.")
                .Mend("Have the issuer send a file that is valid; where it tells a wrong date, give the key's expirationDate under 'keys'.").At("files")
            : end;
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
