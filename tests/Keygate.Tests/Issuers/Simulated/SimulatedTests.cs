using Keygate.Issuers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Issuers.Simulated;

public sealed class SimulatedTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Keeps_its_books_over_a_restart_and_finds_keys_by_their_trace()
    {
        using var folder = new TempFolder();
        var journal = folder.File("keys.journal");
        var before = (await Issuer(("journal", journal)).IssueAsync(Asked("02:00:00:00:00:01") with { AddOns = ["KAV_8"] }, _cancellation)).Value!;
        await File.AppendAllTextAsync(journal, "{\"Number\":\"cut sho", _cancellation);

        var after = Issuer(("journal", journal));
        var second = (await after.IssueAsync(Asked("02:00:00:00:00:02"), _cancellation)).Value!;

        before.KeyNumber.ShouldBe("SIM.00000001.0000");
        before.AdditionalKeys.ShouldHaveSingleItem().KeyNumber.ShouldBe("SIMA.00000002.0000");
        second.KeyNumber.ShouldBe("SIM.00000003.0000");
        (await FoundAsync(after, "02:00:00:00:00:01")).ShouldBe(["SIM.00000001.0000"]);
        (await after.RetrieveAsync("SIMA.00000002.0000", _cancellation)).Outcome.ShouldBe(Outcome.Done);
        (await after.RetrieveAsync("SIM.00000099.0000", _cancellation)).Reason!.Code.ShouldBe("220");
        (await ((ITerminatesKeys)after).TerminateAsync("SIM.00000001.0000", _cancellation)).Outcome.ShouldBe(Outcome.Done);
        (await ((IFindsKeys)after).FindAsync(Asked("02:00:00:00:00:01"), _cancellation)).Value!.ShouldHaveSingleItem().Terminated.ShouldBeTrue();
    }

    [Fact]
    public async Task Does_what_its_script_says()
    {
        var issuer = Issuer(("script", "# a bad day\nissue 1: lose-answer\nissue 2: answer-late\nissue 3: refuse 260 Not on the price list\nissue 4: not-done\nissue 5: stall"));

        var outcomes = new List<Outcome>();
        for (var i = 1; i <= 6; i++)
        {
            outcomes.Add((await issuer.IssueAsync(Asked($"02:00:00:00:00:0{i}"), _cancellation)).Outcome);
        }

        outcomes.ShouldBe([Outcome.Unknown, Outcome.Unknown, Outcome.Refused, Outcome.NotDone, Outcome.Unknown, Outcome.Done]);
        (await FoundAsync(issuer, "02:00:00:00:00:01")).Count.ShouldBe(1);
        (await FoundAsync(issuer, "02:00:00:00:00:02")).ShouldBeEmpty();
        (await FoundAsync(issuer, "02:00:00:00:00:05")).ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(60));
        (await FoundAsync(issuer, "02:00:00:00:00:02")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Makes_two_keys_of_one_trace_when_it_answers_twice_and_ends_each_key_alone()
    {
        var issuer = Issuer(("script", "issue 1: answer-twice"));

        var answered = (await issuer.IssueAsync(Asked("02:00:00:00:00:01") with { AddOns = ["KAV_8"] }, _cancellation)).Value!;

        answered.KeyNumber.ShouldBe("SIM.00000001.0000");
        (await FoundAsync(issuer, "02:00:00:00:00:01")).ShouldBe(["SIM.00000001.0000", "SIM.00000003.0000"]);
        (await ((ITerminatesKeys)issuer).TerminateAsync("SIMA.00000004.0000", _cancellation)).Outcome.ShouldBe(Outcome.Done);
        (await ((ITerminatesKeys)issuer).TerminateAsync("SIM.00000003.0000", _cancellation)).Outcome.ShouldBe(Outcome.Done);
        (await ((ITerminatesKeys)issuer).TerminateAsync("SIM.00000003.0000", _cancellation)).Outcome.ShouldBe(Outcome.Done);
        (await ((IFindsKeys)issuer).FindAsync(Asked("02:00:00:00:00:01"), _cancellation)).Value!.Select(k => k.Terminated).ShouldBe([false, true]);
    }

    [Fact]
    public async Task Makes_the_same_mishaps_for_the_same_seed_whatever_the_order_of_the_calls()
    {
        (string, string)[] settings = [("stall", "30"), ("refuse", "20"), ("seed", "7")];
        var licenses = Enumerable.Range(1, 100).ToList();

        var forwards = await OutcomesAsync(Issuer(settings), licenses);
        var backwards = await OutcomesAsync(Issuer(settings), [.. licenses.AsEnumerable().Reverse()]);

        forwards.ShouldBe(backwards);
        forwards.Values.Count(o => o == Outcome.Unknown).ShouldBeInRange(15, 45);
        forwards.Values.Count(o => o == Outcome.Refused).ShouldBeInRange(8, 35);
        (await OutcomesAsync(Issuer(("stall", "30"), ("refuse", "20"), ("seed", "8")), licenses)).ShouldNotBe(forwards);
    }

    [Theory]
    [InlineData("issue three: done", "'three' is neither")]
    [InlineData("buy 1: done", "'buy' is none of")]
    [InlineData("issue 1: explode", "'explode' is none of")]
    [InlineData("issue 1", "must be like")]
    public void Names_the_line_of_a_script_that_cannot_be_read(string line, string why) =>
        new SimulatedFactory().Faults(Settings(("script", $"issue 1: done\n{line}"))).ShouldHaveSingleItem().Text.ShouldSatisfyAllConditions(
            text => text.ShouldContain("Line 2"), text => text.ShouldContain(why));

    [Fact]
    public void Refuses_shares_above_a_hundred_and_a_relative_journal() =>
        new SimulatedFactory().Faults(Settings(("stall", "60"), ("refuse", "50"), ("journal", "keys"))).Select(f => f.Setting).ShouldBe(["journal", "refuse"]);

    private IIssuer Issuer(params (string Name, string Value)[] settings) =>
        (IIssuer)new SimulatedFactory().Create(new PluginContext(Settings(settings), NullLogger.Instance, _time));

    private static Dictionary<string, string> Settings(params (string Name, string Value)[] settings)
    {
        var all = new SimulatedFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return all;
    }

    private static IssueRequest Asked(string trace) => new() { LicenseId = 17, KeyType = "PLESK_10_AND_LATER", BillType = BillType.Lease, Trace = trace };

    private async Task<IReadOnlyList<string>> FoundAsync(IIssuer issuer, string trace) =>
        [.. (await ((IFindsKeys)issuer).FindAsync(Asked(trace), _cancellation)).Value!.Select(k => k.KeyNumber)];

    // The trace is another one in each run.
    private async Task<SortedDictionary<int, Outcome>> OutcomesAsync(IIssuer issuer, IReadOnlyList<int> licenses)
    {
        var outcomes = new SortedDictionary<int, Outcome>();
        foreach (var license in licenses)
        {
            outcomes[license] = (await issuer.IssueAsync(Asked($"02:{Random.Shared.Next():x8}") with { LicenseId = license }, _cancellation)).Outcome;
        }

        return outcomes;
    }
}
