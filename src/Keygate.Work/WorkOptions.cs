namespace Keygate.Work;

/// <summary>How work is done. The defaults are those of a provider's server; a test sets other times.</summary>
public sealed record WorkOptions
{
    /// <summary>Whether this process works at all; one that only serves screens starts processes and leaves them to others.</summary>
    public bool Runs { get; init; } = true;

    /// <summary>How often a process says that it lives (real time).</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after its last heartbeat a process counts as dead (the database's clock); a lease lasts as long.</summary>
    public TimeSpan HeartbeatDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often due work and dead processes are looked for when nobody tells (real time).</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Processes that one node holds at once; bounds memory and what a crash leaves to others.</summary>
    public int HeldMax { get; init; } = 256;

    /// <summary>Transactions that one node's work has open at once; bounds its share of the connections.</summary>
    public int TransactionsMax { get; init; } = 16;

    /// <summary>Local steps that run in one transaction; bounds how long it lasts.</summary>
    public int StepsInOneMax { get; init; } = 16;

    /// <summary>How often a step is tried, where it says nothing itself.</summary>
    public int AttemptsMax { get; init; } = 8;

    /// <summary>The wait after the first failed attempt; each further one doubles it, with jitter.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait between attempts.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long an outside call may last before it counts as unanswered (real time). A plug-in has a shorter bound of its own; this one is
    /// for a call that heeds none.
    /// </summary>
    public TimeSpan CallMax { get; init; } = TimeSpan.FromSeconds(110);

    /// <summary>How much later a call that heeds no cancellation is left behind.</summary>
    public TimeSpan CallLeftAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long open steps get to end when the server stops.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long after an unknown answer it is looked into.</summary>
    public IReadOnlyList<TimeSpan> Looks { get; init; } = [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)];

    /// <summary>The interval of looks after the listed ones.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long until a look that could not be asked is tried again.</summary>
    public TimeSpan LookNotAskedWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its end an act that was ever unknown is looked at once more, for a second result.</summary>
    public IReadOnlyList<TimeSpan> LookAgain { get; init; } = [TimeSpan.FromHours(1), TimeSpan.FromHours(24)];

    /// <summary>How long work that is over is kept, after the last move of anything about its subject.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Acts that a lane lets happen at once, where nothing is set for it.</summary>
    public int LaneConcurrency { get; init; } = 8;

    /// <summary>
    /// Told of each moment that the work passes, for tests that end or stop the process just there. Waited for, but at
    /// <see cref="Moment.RequestSent"/>, which passes beside the call.
    /// </summary>
    public Func<PassedMoment, Task>? Passing { get; init; }

    /// <summary>The moments that <see cref="Passing"/> is told of; all of them where null. What is told of from inside a transaction costs it a round trip.</summary>
    public IReadOnlySet<Moment>? PassingAt { get; init; }
}
