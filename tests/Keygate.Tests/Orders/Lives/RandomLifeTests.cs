using System.Globalization;
using Keygate.Storage;
using Keygate.Testing;
using Xunit;

namespace Keygate.Tests.Orders.Lives;

/// <summary>
/// Random operations, answers, deaths of the process and jumps of the clock: after each the transition tables hold, the history explains the states and the books
/// of intents balance; in the end no order is forgotten and no request has two live keys. A failure tells its seed and all that was done;
/// <c>KEYGATE_SEED</c> repeats one, <c>KEYGATE_LIVES</c> tries more.
/// </summary>
public sealed class RandomLifeTests
{
    private const int ActsOfALife = 80;

    [Theory, BothEngines]
    public async Task Whatever_happens_nothing_is_forgotten_and_no_key_is_made_twice(Engine engine)
    {
        var given = Environment.GetEnvironmentVariable("KEYGATE_SEED");
        var first = given is null ? 1 : int.Parse(given, CultureInfo.InvariantCulture);
        var lives = given is not null ? 1 : int.Parse(Environment.GetEnvironmentVariable("KEYGATE_LIVES") ?? "4", CultureInfo.InvariantCulture);
        var failed = new List<string>();
        for (var seed = first; seed < first + lives; seed++)
        {
            await using var life = await RandomLife.BeginAsync(engine, seed);
            try
            {
                for (var act = 0; act < ActsOfALife; act++)
                {
                    await life.LiveAsync();
                }

                await life.EndAsync();
            }
            catch (Exception e)
            {
                failed.Add($"{life.Told}\n{e}");
            }
        }

        Assert.True(failed.Count == 0, string.Join("\n\n", failed));
    }
}
