using Keygate.Plugins;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Plugins;

public sealed class BreakerTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Opens_after_five_failures_in_a_row()
    {
        var breaker = new Breaker(_time);
        for (var i = 0; i < 5; i++)
        {
            breaker.TryEnter(out _).ShouldBeTrue();
            breaker.Failed();
        }

        breaker.TryEnter(out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Stays_closed_when_an_answer_comes_between_or_the_failures_are_far_apart()
    {
        var between = new Breaker(_time);
        Fail(between, 4);
        between.Answered();
        Fail(between, 4);
        var apart = new Breaker(_time);
        Fail(apart, 4);
        _time.Advance(Breaker.Window + TimeSpan.FromSeconds(1));
        Fail(apart, 4);

        between.TryEnter(out _).ShouldBeTrue();
        apart.TryEnter(out _).ShouldBeTrue();
    }

    [Fact]
    public void Lets_one_probe_through_each_thirty_seconds()
    {
        var breaker = Open();
        _time.Advance(TimeSpan.FromSeconds(29));
        breaker.TryEnter(out var left).ShouldBeFalse();
        left.ShouldBe(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        breaker.TryEnter(out _).ShouldBeTrue();
        breaker.TryEnter(out _).ShouldBeFalse();
        breaker.Failed();

        breaker.TryEnter(out var again).ShouldBeFalse();
        again.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Closes_when_the_probe_is_answered()
    {
        var breaker = Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        breaker.TryEnter(out _);

        breaker.Answered();

        breaker.TryEnter(out _).ShouldBeTrue();
        breaker.TryEnter(out _).ShouldBeTrue();
    }

    [Fact]
    public void A_probe_that_is_called_off_gives_its_place_to_the_next()
    {
        var breaker = Open();
        _time.Advance(TimeSpan.FromSeconds(30));
        breaker.TryEnter(out _);

        breaker.CalledOff();

        breaker.TryEnter(out _).ShouldBeTrue();
    }

    [Fact]
    public void The_rate_lets_through_as_many_a_minute_as_are_allowed()
    {
        var rate = new Rate(60, _time);
        var taken = 0;
        for (var second = 0; second < 120; second++)
        {
            while (rate.TryTake(out _))
            {
                taken++;
            }

            rate.TryTake(out var wait).ShouldBeFalse();
            wait.ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // A tenth of a minute's calls may come at once.
        taken.ShouldBeInRange(119, 126);
    }

    [Fact]
    public void No_rate_lets_everything_through()
    {
        var rate = new Rate(0, _time);
        Enumerable.Range(0, 1000).ShouldAllBe(_ => rate.TryTake(out _none));
    }

    private TimeSpan _none;

    private static void Fail(Breaker breaker, int times)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Failed();
        }
    }

    private Breaker Open()
    {
        var breaker = new Breaker(_time);
        Fail(breaker, 5);
        return breaker;
    }
}
