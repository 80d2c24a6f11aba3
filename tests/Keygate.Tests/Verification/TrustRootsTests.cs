using System.Text;
using Keygate.Verification;
using Shouldly;
using Xunit;
using static Keygate.Verification.LicenseRefusalCode;

namespace Keygate.Tests.Verification;

/// <summary>Rotation, revocation and roll-back as a product meets them, without a server.</summary>
public sealed class TrustRootsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Now = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TrustRoots Roots = TrustRoots.Parse(Licenses.PemOf(Licenses.Root));

    [Fact]
    public async Task Reads_what_the_root_key_signed()
    {
        var json = await BundleAsync(3, [Licenses.Ecdsa, Licenses.Rsa], [Licenses.Foreign]);

        var read = Roots.ReadTrust(json);

        read.Refusal.ShouldBeNull();
        read.Value!.Number.ShouldBe(3);
        read.Value.Certificates.Select(c => c.Fingerprint).ShouldBe([Licenses.Ecdsa.Certificate.Fingerprint, Licenses.Rsa.Certificate.Fingerprint]);
        read.Value.Revoked.Single().ShouldBe(RevokedOf(Licenses.Foreign));
    }

    [Fact]
    public async Task Refuses_a_bundle_that_another_key_signed_or_somebody_changed()
    {
        var json = await BundleAsync(3, [Licenses.Ecdsa], []);
        Roots.ReadTrust(await BundleAsync(3, [Licenses.Ecdsa], [], Licenses.Foreign)).Refusal!.Code.ShouldBe(KeyOutsideBundle);
        // A key that signs licenses signs no bundle, even one that trusts itself.
        Roots.ReadTrust(await BundleAsync(3, [Licenses.Ecdsa], [], Licenses.Ecdsa)).Refusal!.Code.ShouldBe(KeyOutsideBundle);
        for (var at = 0; at < json.Length; at++)
        {
            var changed = json[..at] + (json[at] == 'A' ? 'B' : 'A') + json[(at + 1)..];
            Roots.ReadTrust(changed).IsAccepted.ShouldBeFalse($"character {at}");
        }

        Roots.ReadTrust(json[..^1] + ",\"header\":{\"kid\":\"x\"}}").Refusal!.Code.ShouldBe(Layout);
        Roots.ReadTrust("").Refusal!.Code.ShouldBe(Layout);
        Roots.ReadTrust(Licenses.Trust.ToPem()).Refusal!.Code.ShouldBe(Layout);
    }

    [Fact]
    public async Task One_kind_of_document_is_never_taken_for_another()
    {
        var token = await Licenses.Root.SignTokenAsync(Licenses.Small(), None);
        var status = await StatusAsync(1, Now);
        var bundle = Parts(await BundleAsync(1, [Licenses.Ecdsa], []));

        new LicenseVerifier(Licenses.TrustIn(Licenses.Root)).VerifyToken(status).Refusal!.Code.ShouldBe(TokenType);
        new LicenseVerifier(Licenses.TrustIn(Licenses.Root)).VerifyToken(bundle).Refusal!.Code.ShouldBe(TokenType);
        Roots.ReadStatus(token, Now).Refusal!.Code.ShouldBe(TokenType);
        Roots.ReadStatus(bundle, Now).Refusal!.Code.ShouldBe(TokenType);
        Roots.ReadTrust(Flat(status)).Refusal!.Code.ShouldBe(TokenType);
        Roots.ReadTrust(Flat(token)).Refusal!.Code.ShouldBe(TokenType);
    }

    [Fact]
    public async Task Remembers_the_highest_numbers_and_refuses_older_documents()
    {
        var memory = new TrustMemory();
        Roots.ReadTrust(await BundleAsync(4, [Licenses.Ecdsa], []), memory).IsAccepted.ShouldBeTrue();
        Roots.ReadTrust(await BundleAsync(4, [Licenses.Ecdsa], []), memory).IsAccepted.ShouldBeTrue();
        Roots.ReadStatus(await StatusAsync(7, Now), Now, memory).IsAccepted.ShouldBeTrue();
        Roots.ReadStatus(await StatusAsync(2, Now, shard: 5), Now, memory).IsAccepted.ShouldBeTrue();

        var kept = TrustMemory.Parse(memory.ToString());

        kept.ToString().ShouldBe("trust=4 0=7 5=2");
        Roots.ReadTrust(await BundleAsync(3, [Licenses.Ecdsa], []), kept).Refusal!.Code.ShouldBe(RolledBack);
        Roots.ReadStatus(await StatusAsync(6, Now), Now, kept).Refusal!.Code.ShouldBe(RolledBack);
        Roots.ReadStatus(await StatusAsync(8, Now), Now, kept).IsAccepted.ShouldBeTrue();
        // A refused document teaches nothing.
        Roots.ReadStatus(await StatusAsync(99, Now, signer: Licenses.Foreign), Now, kept).IsAccepted.ShouldBeFalse();
        kept.StatusNumber(0).ShouldBe(8);
        Should.Throw<FormatException>(() => TrustMemory.Parse("trust=x"));
        Should.Throw<FormatException>(() => TrustMemory.Parse("other=1"));
    }

    [Fact]
    public async Task A_status_list_lives_from_its_issue_to_its_end_give_or_take_the_clocks_drift()
    {
        var list = await StatusAsync(1, Now);
        LicenseRefusalCode? At(TimeSpan after, int driftMinutes = 5) => Roots.ReadStatus(list, Now + after, null, TimeSpan.FromMinutes(driftMinutes)).Refusal?.Code;

        At(TimeSpan.Zero).ShouldBeNull();
        At(TimeSpan.FromMinutes(-5)).ShouldBeNull();
        At(TimeSpan.FromMinutes(-6)).ShouldBe(IssuedLater);
        At(TimeSpan.FromMinutes(24 * 60 + 4)).ShouldBeNull();
        At(TimeSpan.FromMinutes(24 * 60 + 5)).ShouldBe(Outdated);
        At(TimeSpan.FromMinutes(24 * 60), 0).ShouldBe(Outdated);
    }

    [Fact]
    public async Task Files_and_tokens_of_a_retired_key_verify_after_two_rotations()
    {
        var file = Licenses.Rsa.Sign(Licenses.Full());
        var token = await Licenses.Rsa.SignTokenAsync(Licenses.Full(), None);
        var trust = Roots.ReadTrust(await BundleAsync(3, [Licenses.Rsa, Licenses.Ecdsa, Licenses.Foreign], [])).Value!;

        new LicenseVerifier(trust).Verify(file, Now).IsUsable.ShouldBeTrue();
        new LicenseVerifier(trust).VerifyToken(token, new LicenseConditions { Now = Now }).IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_revoked_key_signed_is_refused_and_says_so()
    {
        var trust = Roots.ReadTrust(await BundleAsync(3, [Licenses.Ecdsa], [Licenses.Foreign])).Value!;
        var verifier = new LicenseVerifier(trust);

        var file = verifier.Verify(Licenses.Foreign.Sign(Licenses.Full()), Now);
        var token = verifier.VerifyToken(await Licenses.Foreign.SignTokenAsync(Licenses.Full(), None));

        file.Refusal!.Code.ShouldBe(KeyRevoked);
        file.Reason.ShouldBe("It is signed by a key that the issuer revoked on 2026-02-01 (ec-1).");
        token.Refusal!.Code.ShouldBe(KeyRevoked);
        verifier.Verify(Licenses.Rsa.Sign(Licenses.Full()), Now).Refusal!.Code.ShouldBe(KeyOutsideBundle);
    }

    [Fact]
    public async Task A_fresh_status_list_tells_that_the_bundle_is_older_than_a_revocation()
    {
        var old = Roots.ReadTrust(await BundleAsync(2, [Licenses.Foreign, Licenses.Ecdsa], [])).Value!;
        var list = Roots.ReadStatus(await StatusAsync(1, Now, trustNumberMin: 3), Now).Value!;
        var conditions = new LicenseConditions { Now = Now, Status = list };

        var stolen = new LicenseVerifier(old).Verify(Licenses.Foreign.Sign(Licenses.Full()), conditions);

        stolen.IsUsable.ShouldBeFalse();
        stolen.Validity.ShouldBe(LicenseValidity.TrustOutdated);
        var current = Roots.ReadTrust(await BundleAsync(3, [Licenses.Ecdsa], [Licenses.Foreign])).Value!;
        new LicenseVerifier(current).Verify(Licenses.Ecdsa.Sign(Licenses.Full()), conditions).IsUsable.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, KeyStatus.Revoked, LicenseValidity.Revoked)]
    [InlineData(0, KeyStatus.Suspended, LicenseValidity.Suspended)]
    [InlineData(0, KeyStatus.Good, LicenseValidity.Valid)]
    [InlineData(1, KeyStatus.Good, LicenseValidity.StatusUnfit)]
    public async Task Says_what_the_status_list_says(int shard, KeyStatus status, LicenseValidity expected)
    {
        var list = Roots.ReadStatus(await StatusAsync(1, Now, shard, (41207, status), (41206, KeyStatus.Revoked), (41208, KeyStatus.Suspended)), Now).Value!;

        var verified = Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(Licenses.Full()), new LicenseConditions { Now = Now, Status = list });

        verified.Validity.ShouldBe(expected);
        verified.IsUsable.ShouldBe(expected == LicenseValidity.Valid);
        (verified.Reason.Length > 0).ShouldBe(expected != LicenseValidity.Valid);
        list.StatusOf("PLSK.00041206").ShouldBe(shard == 0 ? KeyStatus.Revoked : null);
    }

    [Fact]
    public async Task A_list_that_has_outlived_itself_still_revokes_and_says_nothing_else()
    {
        var list = Roots.ReadStatus(await StatusAsync(1, Now, 0, (41207, KeyStatus.Revoked)), Now).Value!;
        LicenseVerification At(double hours, int number) => Licenses.Verifier.Verify(
            Licenses.Ecdsa.Sign(Licenses.Full() with { KeyNumber = $"PLSK.000{number}" }), new LicenseConditions { Now = Now.AddHours(hours), Status = list });

        At(25, 41207).Validity.ShouldBe(LicenseValidity.Revoked);
        At(25, 41208).Validity.ShouldBe(LicenseValidity.StatusOutdated);
        At(-1, 41208).Validity.ShouldBe(LicenseValidity.StatusOutdated);
        At(23, 41208).Validity.ShouldBe(LicenseValidity.Valid);
        Licenses.Verifier.Verify(Licenses.Ecdsa.Sign(Licenses.Full()), new LicenseConditions { Now = Now, StatusRequired = true }).Validity.ShouldBe(LicenseValidity.StatusMissing);
    }

    [Fact]
    public void Bindings_are_met_by_one_of_each_kind()
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Full() with
        {
            Bindings = [new(BindingKind.Ip, "192.0.2.7"), new(BindingKind.Ip, "2001:db8::7"), new(BindingKind.HardwareId, "H1")],
        });
        LicenseValidity With(LicenseInstance instance) => Licenses.Verifier.Verify(file, new LicenseConditions { Now = Now, Instance = instance }).Validity;

        With(new() { IpAddresses = ["10.0.0.1", "2001:DB8:0:0::7"], HardwareId = "H1" }).ShouldBe(LicenseValidity.Valid);
        With(new() { IpAddresses = ["192.0.2.7"] }).ShouldBe(LicenseValidity.BoundElsewhere);
        With(new() { IpAddresses = ["192.0.2.8"], HardwareId = "H1" }).ShouldBe(LicenseValidity.BoundElsewhere);
        With(new() { HardwareId = "H1" }).ShouldBe(LicenseValidity.BoundElsewhere);
    }

    [Theory]
    [InlineData(-6, LicenseValidity.NotYetValid)]
    [InlineData(-5, LicenseValidity.Valid)]
    public void The_clock_may_be_wrong_by_the_drift_allowed(int minutes, LicenseValidity expected)
    {
        var file = Licenses.Ecdsa.Sign(Licenses.Full());
        var start = Licenses.Full().StartDate!.Value.Begins;
        var end = Licenses.Full().ExpirationDate!.Value.Begins;

        Licenses.Verifier.Verify(file, new LicenseConditions { Now = start.AddMinutes(minutes) }).Validity.ShouldBe(expected);
        Licenses.Verifier.Verify(file, new LicenseConditions { Now = end.AddMinutes(4) }).Validity.ShouldBe(LicenseValidity.Valid);
        Licenses.Verifier.Verify(file, new LicenseConditions { Now = end.AddMinutes(5) }).Validity.ShouldBe(LicenseValidity.Expired);
        Licenses.Verifier.Verify(file, new LicenseConditions { Now = start.AddMinutes(minutes), ClockDrift = TimeSpan.FromHours(1) }).Validity.ShouldBe(LicenseValidity.Valid);
        Licenses.Verifier.Verify(file, new LicenseConditions { Now = start.AddMinutes(minutes), ClockDrift = TimeSpan.Zero }).Validity.ShouldBe(LicenseValidity.NotYetValid);
    }

    [Theory]
    [InlineData("""{"ver":1,"shard":0,"seq":1,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":1,"lst":"eJwDAAAAAAE"}}""")]
    [InlineData("""{"ver":1,"shard":0,"seq":1,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":2,"lst":"eJwDAAAAAAE"}}""")]
    [InlineData("""{"ver":1,"shard":-1,"seq":1,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":2,"lst":"LST"}}""")]
    [InlineData("""{"ver":1,"shard":0,"seq":0,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":2,"lst":"LST"}}""")]
    [InlineData("""{"ver":1,"shard":0,"seq":1,"iat":1770724800,"min-trust":0,"status_list":{"bits":2,"lst":"LST"}}""")]
    [InlineData("""{"ver":2,"shard":0,"seq":1,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":2,"lst":"LST"}}""")]
    [InlineData("[]")]
    public async Task Refuses_a_signed_status_list_of_another_layout(string payload)
    {
        var lst = System.Buffers.Text.Base64Url.EncodeToString(StatusList.Pack([]));
        var text = await LicenseIssuing.SignAsync(Licenses.Root, "keygate-status+jwt", Encoding.UTF8.GetBytes(payload.Replace("LST", lst, StringComparison.Ordinal)), None);

        Roots.ReadStatus(text, Now).Refusal!.Code.ShouldBe(Layout);
    }

    [Fact]
    public async Task A_list_that_unpacks_to_much_more_than_a_shard_is_refused_without_unpacking_it()
    {
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.SmallestSize))
        {
            for (var i = 0; i < 64; i++)
            {
                zlib.Write(new byte[1024 * 1024]);
            }
        }

        var payload = $$$"""{"ver":1,"shard":0,"seq":1,"iat":1770724800,"exp":1770811200,"min-trust":0,"status_list":{"bits":2,"lst":"{{{System.Buffers.Text.Base64Url.EncodeToString(packed.ToArray())}}}"}}""";
        var text = await LicenseIssuing.SignAsync(Licenses.Root, "keygate-status+jwt", Encoding.UTF8.GetBytes(payload), None);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Roots.ReadStatus(text, Now).IsAccepted.ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 * 1024 * 1024);
    }

    private static RevokedKey RevokedOf(LicenseSigner signer) =>
        new(signer.Certificate.KeyThumbprint, signer.Certificate.Fingerprint, signer.KeyId, new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));

    private static async Task<string> BundleAsync(long number, LicenseSigner[] keys, LicenseSigner[] revoked, LicenseSigner? root = null) => await (root ?? Licenses.Root).SignTrustAsync(new()
    {
        Number = number, IssuedAt = Now, Keys = [.. keys.Select(k => (k.KeyId, k.Certificate))], Revoked = [.. revoked.Select(RevokedOf)],
    }, None);

    private static Task<string> StatusAsync(
        long number, DateTimeOffset issued, int shard = 0, params (int, KeyStatus)[] keys) => StatusAsync(number, issued, shard, 0, Licenses.Root, keys);

    private static Task<string> StatusAsync(long number, DateTimeOffset issued, LicenseSigner signer) => StatusAsync(number, issued, 0, 0, signer, []);

    private static Task<string> StatusAsync(long number, DateTimeOffset issued, long trustNumberMin) => StatusAsync(number, issued, 0, trustNumberMin, Licenses.Root, []);

    private static async Task<string> StatusAsync(long number, DateTimeOffset issued, int shard, long trustNumberMin, LicenseSigner signer, (int, KeyStatus)[] keys) =>
        await signer.SignStatusAsync(new()
        {
            Number = number, IssuedAt = issued, ExpiresAt = issued.AddHours(24), Shard = shard, TrustNumberMin = trustNumberMin, Keys = keys,
        }, None);

    private static string Parts(string json)
    {
        var members = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        return $"{members["protected"]}.{members["payload"]}.{members["signature"]}";
    }

    private static string Flat(string token)
    {
        var parts = token.Split('.');
        return $$"""{"protected":"{{parts[0]}}","payload":"{{parts[1]}}","signature":"{{parts[2]}}"}""";
    }
}
