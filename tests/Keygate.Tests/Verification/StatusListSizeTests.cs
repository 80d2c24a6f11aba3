using Keygate.Verification;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Verification;

/// <summary>What a product fetches, in kilobytes, where ten million keys exist and one of a hundred is revoked or suspended.</summary>
public sealed class StatusListSizeTests
{
    private const int Keys = 10_000_000;

    [Theory]
    [InlineData(0, 600)]
    [InlineData(1_000, 2_000)]
    [InlineData(100, 6_000)]
    public async Task A_few_kilobytes_tell_of_one_in_so_many(int oneIn, int charsMax)
    {
        var random = new Random(oneIn);
        var now = new DateTimeOffset(2026, 2, 10, 0, 0, 0, TimeSpan.Zero);
        var lengths = new List<int>();
        for (var shard = 0; shard <= (Keys - 1) / LicenseFormat.StatusShardKeys; shard += 25)
        {
            var bad = new Dictionary<int, KeyStatus>();
            for (var i = 0; oneIn > 0 && i < LicenseFormat.StatusShardKeys / oneIn; i++)
            {
                bad[random.Next(LicenseFormat.StatusShardKeys)] = random.Next(10) == 0 ? KeyStatus.Suspended : KeyStatus.Revoked;
            }

            var text = await Licenses.Root.SignStatusAsync(new()
            {
                Shard = shard, Number = 1, IssuedAt = now, ExpiresAt = now.AddDays(1), Keys = [.. bad.Select(b => (b.Key, b.Value))],
            }, CancellationToken.None);
            lengths.Add(text.Length);

            var list = TrustRoots.Parse(Licenses.PemOf(Licenses.Root)).ReadStatus(text, now).Value!;
            for (var place = 0; place < LicenseFormat.StatusShardKeys; place++)
            {
                list.StatusOf($"PLSK.{(shard * LicenseFormat.StatusShardKeys) + place:D8}").ShouldBe(bad.GetValueOrDefault(place));
            }
        }

        lengths.Max().ShouldBeLessThan(charsMax);
        TestContext.Current.TestOutputHelper?.WriteLine($"one in {oneIn}: {lengths.Average():F0} characters");
    }
}
