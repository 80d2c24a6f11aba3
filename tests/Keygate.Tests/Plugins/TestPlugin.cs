using Keygate.Plugins.Abstractions;

namespace Keygate.Tests.Plugins;

/// <summary>A plug-in whose every verb a test writes: it can refuse, stall, throw, lie.</summary>
internal sealed class TestPluginFactory(string kind = "issuer.test") : IPluginFactory
{
    public PluginManifest Manifest { get; init; } = new(kind, "Test", "A plug-in for tests.",
    [
        new("host", SettingType.Text, "Host", "A host.") { Required = true },
        new("port", SettingType.Number, "Port", "A port.") { Default = "7050", Minimum = 1, Maximum = 65535 },
        new("secure", SettingType.Flag, "Secure", "Whether to be secure.") { Default = "true" },
        new("password", SettingType.Secret, "Password", "A password.") { Required = true },
        new("note", SettingType.LongText, "Note", "A note.") { KeepsTrace = true },
    ]);

    public List<TestPlugin> Made { get; } = [];

    public Exception? CreateFails { get; set; }

    public Func<CancellationToken, Task> Start { get; set; } = _ => Task.CompletedTask;

    public Func<CancellationToken, Task<Answer<Checked>>> Check { get; set; } = _ => Task.FromResult(Answer.Done(new Checked("All is well.")));

    public Func<CancellationToken, Task<Answer<IssuedKey>>> Issue { get; set; } = _ => Task.FromResult(Answer.Done(new IssuedKey { KeyNumber = "PLSK.00000001.0000" }));

    public Func<CancellationToken, Task<Answer<IReadOnlyList<IssuedKey>>>> Find { get; set; } = _ => Task.FromResult(Answer.Done<IReadOnlyList<IssuedKey>>([]));

    /// <summary>As <see cref="Find"/>, by what is asked.</summary>
    public Func<IssueRequest, Answer<IReadOnlyList<IssuedKey>>>? FindAsked { get; set; }

    public TimeSpan MayStillTake { get; set; } = TimeSpan.FromMinutes(20);

    public IReadOnlyList<SettingFault> Faults(IReadOnlyDictionary<string, string> settings) =>
        settings["host"] == "nowhere" ? [new("host", "Nowhere is no host."), new("port", "Nowhere has no port.")] : [];

    public IPlugin Create(PluginContext context)
    {
        if (CreateFails is { } failure)
        {
            throw failure;
        }

        var plugin = new TestPlugin(this, context);
        lock (Made)
        {
            Made.Add(plugin);
        }

        return plugin;
    }
}

internal sealed class TestPlugin(TestPluginFactory world, PluginContext context) : IIssuer, IFindsKeys
{
    public PluginContext Context => context;

    public int Disposed { get; private set; }

    public TimeSpan MayStillTake => world.MayStillTake;

    public Task StartAsync(CancellationToken cancellation) => world.Start(cancellation);

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => world.Check(cancellation);

    public Task<Answer<IssuedKey>> IssueAsync(IssueRequest request, CancellationToken cancellation) => world.Issue(cancellation);

    public Task<Answer<RetrievedFile>> RetrieveAsync(string keyNumber, CancellationToken cancellation) =>
        Task.FromResult(Answer.Done(new RetrievedFile(keyNumber, "<key/>"u8.ToArray(), "xml")));

    public Task<Answer<IReadOnlyList<IssuedKey>>> FindAsync(IssueRequest asked, CancellationToken cancellation) => 
        world.FindAsked is { } find ? Task.FromResult(find(asked)) : world.Find(cancellation);

    public ValueTask DisposeAsync()
    {
        Disposed++;
        return ValueTask.CompletedTask;
    }
}
