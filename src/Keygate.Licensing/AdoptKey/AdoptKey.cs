using Keygate.Accounts;
using Keygate.Kernel;
using Keygate.Plugins;
using Keygate.Plugins.Abstractions;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Licensing;

/// <summary>What a person found at the issuer.</summary>
/// <param name="KeyNumber">The number of the key that was made for the license.</param>
public sealed record AdoptKeyRequest(string KeyNumber);

/// <summary>
/// Adopt key: the request got no answer, and a person found at the issuer the key that it made. The key becomes the license's as if the issuer
/// had answered so; nothing is ordered again. The same for an additional license whose key the issuer has left out, and has now.
/// </summary>
public sealed class AdoptKey
{
    private readonly BeginByHand _byHand;
    private readonly LicenseStore _store;
    private readonly LicenseProvisioning _provisioning;
    private readonly PluginHost _plugins;
    private readonly Database _database;
    private readonly Audit _audit;

    internal AdoptKey(BeginByHand byHand, LicenseStore store, LicenseProvisioning provisioning, PluginHost plugins, Database database, Audit audit) =>
        (_byHand, _store, _provisioning, _plugins, _database, _audit) = (byHand, store, provisioning, plugins, database, audit);

    /// <summary>
    /// Asks the issuer for the key and checks that it can be the answer. A read, outside any transaction. An issuer that cannot show keys leaves
    /// the number as the person gave it.
    /// </summary>
    public async Task<Result<IssuedKey>> FindAsync(LicenseId id, string keyNumber, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(keyNumber))
        {
            return LicensingErrors.KeyUnfit.Because("No key number was given.").At("keyNumber");
        }

        var number = keyNumber.Trim();
        if (await _database.ReadAsync(s => _store.FindAsync(s, id, cancellation), cancellation) is not { } license)
        {
            return LicensingErrors.NotFound.Because($"There is no license {id}.");
        }

        if (!(await _plugins.IssuerAsync(license.IssuerId, cancellation)).TryGet(out var issuer, out var error))
        {
            return error;
        }

        if (!issuer.CanShow)
        {
            return new IssuedKey { KeyNumber = number };
        }

        var answer = await issuer.ShowAsync(number, cancellation);
        return answer.Outcome == Work.Outcome.Done ? Fitting(license, answer.Read<ShownKey>()) : answer.Error ?? PluginsErrors.Unknown;
    }

    /// <summary>Records the key; refused where it is another license's, and where no answer is missing.</summary>
    public async Task<Result<LicenseAccepted>> HandleAsync(Tx tx, LicenseId id, IssuedKey key, Actor actor, CancellationToken cancellation)
    {
        if (!(await _byHand.FindAsync(tx, id, cancellation)).TryGet(out var license, out var error))
        {
            return error;
        }

        if (await _store.HasKeyAsync(tx, license.IssuerId, key.KeyNumber, cancellation))
        {
            return LicensingErrors.KeyUnfit.Because($"{key.KeyNumber} is the key of another license here.").At("keyNumber");
        }

        await _store.NoteAsync(tx, license, actor, $"Key {key.KeyNumber} adopted: a person found it at the issuer", cancellation);
        await _audit.AddAsync(tx, actor, "license.key-adopted", id.Subject, key.KeyNumber, cancellation);
        if (license.WithdrawnAt is null && await _store.FindAsync(tx, license.Leader, cancellation) is { } leader && license.IsLeftOutOf(leader))
        {
            await _provisioning.RecordAddOnKeyAsync(tx, leader.Id, id, key, actor, cancellation);
            return new LicenseAccepted(id, LicenseOperation.Issue);
        }

        return (await _provisioning.RecordKeyAsync(tx, id, key, cancellation)).Map(_ => new LicenseAccepted(id, LicenseOperation.Issue));
    }

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/licenses/{id}/adopt-key",
        async (LicenseId id, AdoptKeyRequest request, HttpContext http, WriteDoor door, AdoptKey handler) =>
            (await handler.FindAsync(id, request.KeyNumber, http.RequestAborted)).TryGet(out var key, out var error)
                ? await door.WriteAsync(http, request, (tx, actor) => handler.HandleAsync(tx, id, key, actor, http.RequestAborted))
                : error)
        .WithName("AdoptKey").WithTags("Licenses").WithSummary("Adopt key: name the key that a request without an answer made.");

    private static Result<IssuedKey> Fitting(License license, ShownKey shown)
    {
        var number = shown.Issued.KeyNumber;
        if (shown.Issued.Terminated)
        {
            return LicensingErrors.KeyUnfit.Because($"{number} is terminated at the issuer.").At("keyNumber");
        }

        if (shown.KeyType.Length > 0 && !string.Equals(shown.KeyType, license.KeyType, StringComparison.OrdinalIgnoreCase))
        {
            return LicensingErrors.KeyUnfit.Because($"{number} is a {shown.KeyType}; license {license.Id} was asked for as {license.KeyType}.").At("keyNumber");
        }

        var missing = Json.Read<RequestLicenseRequest>(license.Request).Features.Except(shown.Features, StringComparer.OrdinalIgnoreCase).ToList();
        return missing.Count == 0
            ? shown.Issued
            : LicensingErrors.KeyUnfit.Because($"{number} lacks what license {license.Id} was asked for with: {string.Join(", ", missing)}.").At("keyNumber");
    }
}
