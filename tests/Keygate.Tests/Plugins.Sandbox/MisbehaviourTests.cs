using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Plugins.Sandbox;

public sealed class MisbehaviourTests
{
    private static readonly SandboxKind Kind = new()
    {
        Name = "simulated bakery", Verbs = ["bake", "count"], Calls = "Orders", Act = "bake the bread", ActTwice = "bake a second bread", Refusal = "9 No flour",
    };

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("done", Outcome.Done, 1)]
    [InlineData("refuse", Outcome.Refused, 0)]
    [InlineData("stall", Outcome.Unknown, 0)]
    [InlineData("lose-answer", Outcome.Unknown, 1)]
    [InlineData("answer-late", Outcome.Unknown, 1)]
    [InlineData("answer-twice", Outcome.Done, 2)]
    [InlineData("not-done", Outcome.NotDone, 0)]
    public async Task Does_what_the_script_says_and_answers_accordingly(string act, Outcome outcome, int acts)
    {
        var done = new List<TimeSpan>();

        var answer = await Behave(("script", $"bake *: {act}")).ActAsync("bake", "rye", late => Bake(done, late), _cancellation);

        answer.Outcome.ShouldBe(outcome);
        done.Count.ShouldBe(acts);
        done.ShouldAllBe(late => late == (act == "answer-late" ? TimeSpan.FromSeconds(60) : TimeSpan.Zero));
        (answer.Value ?? "").ShouldBe(outcome == Outcome.Done ? "bread 1" : "");
    }

    [Theory]
    [InlineData("refuse 7 Closed on Sundays", "Simulated bakery: 7 Closed on Sundays", "7")]
    [InlineData("refuse Closed", "Simulated bakery: Closed", "")]
    [InlineData("refuse", "Simulated bakery: 9 No flour", "9")]
    public async Task Refuses_in_the_words_of_the_script_and_takes_a_leading_number_for_the_code(string act, string cause, string code)
    {
        var reason = (await Behave(("script", $"bake 1: {act}")).ActAsync("bake", "rye", late => Bake([], late), _cancellation)).Reason!;

        (reason.Cause, reason.Code).ShouldBe((cause, code));
        reason.Remedy.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Draws_a_repeat_anew_and_lets_chance_touch_the_first_verb_alone()
    {
        var behaviour = Behave(("loseAnswer", "50"));
        var outcomes = new List<Outcome>();
        for (var i = 0; i < 40; i++)
        {
            outcomes.Add((await behaviour.ActAsync("bake", "rye", late => Bake([], late), _cancellation)).Outcome);
            (await behaviour.ActAsync("count", "rye", late => Bake([], late), _cancellation)).Outcome.ShouldBe(Outcome.Done);
        }

        outcomes.Count(o => o == Outcome.Unknown).ShouldBeInRange(10, 30);
    }

    [Fact]
    public async Task Reaches_nothing_when_it_is_down()
    {
        var behaviour = Behave(("down", "true"));

        (await behaviour.ActAsync<string>("bake", "rye", _ => throw new InvalidOperationException("It was done."), _cancellation)).Outcome.ShouldBe(Outcome.NotDone);
        behaviour.Check(() => "All is well.").Outcome.ShouldBe(Outcome.NotDone);
        Behave().Check(() => "All is well.").Value!.Facts.ShouldBe("All is well.");
    }

    [Fact]
    public void Counts_every_share_towards_the_hundred() =>
        Kind.Faults(Settings(("stall", "60"), ("answerTwice", "41"))).ShouldHaveSingleItem().Setting.ShouldBe("refuse");

    private static Answer<string> Bake(List<TimeSpan> done, TimeSpan late)
    {
        done.Add(late);
        return Answer.Done($"bread {done.Count}");
    }

    private static Misbehaviour Behave(params (string Name, string Value)[] settings) =>
        new(Kind, new PluginContext(Settings(settings), NullLogger.Instance, new ManualTime()));

    private static Dictionary<string, string> Settings(params (string Name, string Value)[] settings)
    {
        var all = Kind.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        foreach (var (name, value) in settings)
        {
            all.ContainsKey(name).ShouldBe(name != "script");
            all[name] = value;
        }

        return all;
    }
}
