using Keygate.Accounts;
using Keygate.Storage;
using Keygate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts.Sessions;

public sealed class StaffSessionsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, BothEngines]
    public async Task A_session_is_known_until_it_is_ended_unused_or_old(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, typeof(MasterKey).Assembly, typeof(AccountsModule).Assembly);
        var time = new ManualTime();
        var services = new ServiceCollection();
        services.AddSingleton(database.Database);
        services.AddSingleton(MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value);
        services.AddSingleton<TimeProvider>(time);
        services.AddAccounts();
        await using var built = services.BuildServiceProvider();
        var (first, sessions) = (built.GetRequiredService<FirstAdministrator>(), built.GetRequiredService<StaffSessions>());
        var link = (await first.OpenLinkAsync(None)).ShouldNotBeNull();
        (await first.CreateAsync(new FirstAdministratorRequest(link.Reveal, "Ann", "ann", "correct horse"), None)).IsDone.ShouldBeTrue();

        (await sessions.BeginAsync("ann", "wrong horse", None)).Error!.Code.ShouldBe("accounts.password-wrong");
        var one = (await sessions.BeginAsync("ANN", "correct horse", None)).Value.Reveal;
        var other = (await sessions.BeginAsync("ann", "correct horse", None)).Value.Reveal;
        (await sessions.FindAsync(one, None))!.Actor.Name.ShouldBe("Ann");
        (await sessions.FindAsync(one + "x", None)).ShouldBeNull();

        // The form's token is the session's own, and that of no other.
        sessions.IsFormToken(one, sessions.FormToken(one)).ShouldBeTrue();
        sessions.IsFormToken(one, sessions.FormToken(other)).ShouldBeFalse();
        sessions.IsFormToken(one, "").ShouldBeFalse();
        sessions.IsFormToken(one, null).ShouldBeFalse();

        await sessions.EndAsync(other, None);
        (await sessions.FindAsync(other, None)).ShouldBeNull();

        // Used each day it lasts a week and not longer; unused it is over after half a day.
        for (var halfDays = 1; halfDays < 15; halfDays++)
        {
            time.Advance(TimeSpan.FromHours(11.9));
            ((await sessions.FindAsync(one, None)) is not null).ShouldBeTrue($"after {halfDays} half days");
        }

        time.Advance(TimeSpan.FromHours(11.9));
        (await sessions.FindAsync(one, None)).ShouldBeNull();
        var unused = (await sessions.BeginAsync("ann", "correct horse", None)).Value.Reveal;
        time.Advance(StaffSessions.IdleMax);
        (await sessions.FindAsync(unused, None)).ShouldBeNull();
    }
}
