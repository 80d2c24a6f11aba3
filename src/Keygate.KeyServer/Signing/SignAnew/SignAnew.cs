using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>How far signing anew has come.</summary>
/// <param name="Signed">How many licenses this call has signed anew.</param>
/// <param name="Remaining">How many live licenses the old key has still signed, counted up to 10,001; 0: it can be revoked.</param>
public sealed record SigningAnew(int Signed, int Remaining);

/// <summary>
/// Signs anew, under the next revision, what another key has signed, and makes it available: the first half of an emergency rotation. May be repeated and
/// must be, until nothing remains; it can stop anywhere, since what is left is read from what was signed.
/// </summary>
internal sealed class SignAnewHandler(
    [FromKeyedServices(KeyServerModule.DatabaseKey)] Database database, SigningKeyStore signingKeys, SignedFormStore forms, KeyStore keys, LicenseFileMaker files, TimeProvider time)
{
    /// <summary>Keys a call, so that it ends within a caller's patience.</summary>
    private const int BatchMax = 200;

    public async Task<Result<SigningAnew>> HandleAsync(string name, string by, CancellationToken cancellation)
    {
        var key = await database.ReadAsync(s => signingKeys.FindAsync(s, name, cancellation), cancellation);
        if (key is null)
        {
            return KeyServerErrors.SigningKeyUnknown.Because($"There is no signing key {name}.");
        }

        if (key.State == SigningKeyState.Active)
        {
            return KeyServerErrors.SigningKeyActive.Because($"{name} still signs.");
        }

        var today = time.Utc();
        var signed = 0;
        var batch = await database.ReadAsync(s => forms.SignedByAsync(s, name, today, 0, BatchMax, cancellation), cancellation);
        foreach (var (id, which) in batch)
        {
            if (!(await SignAsync(id, which, by, cancellation)).TryGet(out var done, out var refusal))
            {
                return refusal;
            }

            signed += done ? 1 : 0;
        }

        return new SigningAnew(signed, await database.ReadAsync(s => forms.CountSignedByAsync(s, name, today, cancellation), cancellation));
    }

    // Signed first and outside the transaction: the key may lie elsewhere. If the license has changed meanwhile, its next file is signed by the new key anyway.
    private async Task<Result<bool>> SignAsync(KeyId id, SignedForm[] which, string by, CancellationToken cancellation)
    {
        var row = (await database.ReadAsync(s => keys.PageAsync(s, null, id, null, 1, cancellation), cancellation)).Single();
        if (row.Revision == KeyNumber.RevisionMax)
        {
            return KeyServerErrors.NumbersUsedUp.Because($"{row.Number} has had all its revisions, and cannot be signed anew.");
        }

        var next = row with { Revision = row.Revision + 1 };
        var made = new List<(SignedForm Form, SignedLicense License)>();
        foreach (var form in which)
        {
            if (!(await files.SignAheadAsync(next, form, cancellation)).TryGet(out var license, out var refusal))
            {
                return refusal;
            }

            made.Add((form, license));
        }

        return await database.WriteAsync(async tx =>
        {
            var now = time.GetUtcNow();
            if (!await forms.TakeNextRevisionAsync(tx, id, row.Revision, now, cancellation))
            {
                return false;
            }

            foreach (var (form, license) in made)
            {
                await forms.AddAsync(tx, form, id, next.Revision, license.SigningKeyId, license.Content, now, cancellation);
            }

            await keys.AddHistoryAsync(tx, id, next.Revision, "signed anew", $"by {made[0].License.SigningKeyId}", by, now, cancellation);
            return true;
        }, cancellation);
    }
}

internal static class SignAnewEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signing-keys/{name}/sign-anew", (string name, HttpContext http, SignAnewHandler handler) => handler.HandleAsync(name, http.Actor().Name, http.RequestAborted))
            .WithSummary("Sign anew what another key has signed")
            .WithDescription("Some licenses a call, under their next revision: repeat it until remaining is 0. Then let them be fetched, and revoke the key.");
}
