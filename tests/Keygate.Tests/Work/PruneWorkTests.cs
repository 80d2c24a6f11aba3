using Keygate.Storage;
using Keygate.Testing;
using Keygate.Work;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Work;

public sealed class PruneWorkTests
{
    [Theory, BothEngines]
    public async Task Removes_what_is_over_with_its_intents_and_keeps_all_else(Engine engine)
    {
        var step = Outside.Answering("act", ActKind.Once, Answer.Done("made"));
        await using var rig = await PruningAsync(engine, step);
        var old = await rig.StartAsync("thing/1");
        var before = await rig.StartAsync("thing/2");
        await rig.RunAsync();
        await rig.RunAfterAsync(TimeSpan.FromDays(20));
        var later = await rig.StartAsync("thing/2");
        await rig.RunAsync();
        (await rig.AllAsync()).Where(w => w.Kind == WorkRig.Kind).ShouldAllBe(w => w.State == "done");

        // Thirty days after the first, ten after the second of thing/2.
        await rig.RunAfterAsync(TimeSpan.FromDays(11));

        (await rig.AllAsync()).Where(w => w.Kind == WorkRig.Kind).Select(w => w.Id).ShouldBe([before, later]);
        (await IntentsAsync(rig)).ShouldBe([before, later], ignoreOrder: true);
        old.ShouldNotBe(before);

        await rig.RunAfterAsync(TimeSpan.FromDays(30));
        (await rig.AllAsync()).ShouldNotContain(w => w.Kind == WorkRig.Kind);
        (await IntentsAsync(rig)).ShouldBeEmpty();
    }

    [Theory, BothEngines]
    public async Task Never_removes_what_needs_attention_however_old_it_is(Engine engine)
    {
        var step = Outside.Answering("act", ActKind.Once, Answer.Refused(WorkErrors.NoAnswer));
        await using var rig = await PruningAsync(engine, step);
        var stopped = await rig.StartAsync("thing/1");
        await rig.RunAsync();

        await rig.RunAfterAsync(TimeSpan.FromDays(400));

        (await rig.ViewAsync(stopped)).State.ShouldBe("stopped");
        (await IntentsAsync(rig)).ShouldBe([stopped]);
    }

    private static async Task<WorkRig> PruningAsync(Engine engine, Step step)
    {
        var rig = await WorkRig.CreateAsync(engine, new WorkOptions { KeepFor = TimeSpan.FromDays(30) }, step);
        rig.Jobs.Add(new PruneWork(rig.Options, rig.Time));
        return rig;
    }

    private static Task<List<long>> IntentsAsync(WorkRig rig) =>
        rig.Database.ReadAsync(s => s.QueryAsync<long>("select work from work_intents order by id", null, CancellationToken.None), CancellationToken.None);
}
