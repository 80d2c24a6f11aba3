namespace Keygate.Notices;

/// <summary>How notices are sent.</summary>
public sealed record NoticesOptions
{
    /// <summary>How long events are kept, for replays and lists.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How often it is looked for news that another process wrote (real time).</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long news are gathered before they are taken together (real time).</summary>
    public TimeSpan GatherFor { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after each failed attempt an event is sent again. When they are over, a person is needed.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14),
        TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How long after each failed attempt a mail is sent again. When they are over, a person is needed.</summary>
    public IReadOnlyList<TimeSpan> MailRetries { get; init; } =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24)];

    /// <summary>How often an event is sent that the receiver has read and refuses, before it is set aside and the next one is sent.</summary>
    public int RefusalsMax { get; init; } = 3;
}
