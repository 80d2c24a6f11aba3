using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Keygate.Installers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers.Webhook;

/// <summary>The receiver of the documentation, taken from its page and run as a process of its own.</summary>
public sealed partial class PythonReceiverTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly string _secret = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_documented_receiver_verifies_installs_and_takes_a_repeat_for_what_it_is()
    {
        using var python = Start();
        Assert.SkipWhen(python is null, "Python is not installed here (apt: python3).");
        try
        {
            var url = $"http://127.0.0.1:{(await python!.StandardOutput.ReadLineAsync(_cancellation))!.Split(' ')[^1]}/";
            var installer = Installer(url, _secret, TimeProvider.System);
            (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldBe($"{url} answers 204 to a signed check.");
            Files().ShouldBeEmpty();

            (await installer.InstallAsync(WebhookInstallerTests.Request(), _cancellation)).Outcome.ShouldBe(Outcome.Done);
            (await installer.InstallAsync(WebhookInstallerTests.Request(), _cancellation)).Outcome.ShouldBe(Outcome.Done);
            Files().ShouldBe([("node4/KAV-00041208.xml", "add-on"), ("node4/PLSK-00041207.xml", "<secret/>")]);

            // A renewed file takes the old one's place, and no target leaves the folder.
            (await installer.InstallAsync(Renewed("../node5"), _cancellation)).Outcome.ShouldBe(Outcome.Done);
            (await installer.InstallAsync(Renewed("node4"), _cancellation)).Outcome.ShouldBe(Outcome.Done);
            Files().ShouldBe([("--_node5/PLSK-00041207.xml", "renewed"), ("node4/KAV-00041208.xml", "add-on"), ("node4/PLSK-00041207.xml", "renewed")]);

            // Somebody else's secret, and an old message.
            var stranger = await Installer(url, $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}", TimeProvider.System).InstallAsync(Renewed("node6"), _cancellation);
            var old = await Installer(url, _secret, new ManualTime(TimeProvider.System.GetUtcNow().AddMinutes(-6))).InstallAsync(Renewed("node6"), _cancellation);
            foreach (var refused in new[] { stranger, old })
            {
                (refused.Outcome, refused.PausesPlugin).ShouldBe((Outcome.Refused, true));
                refused.Reason!.Cause.ShouldEndWith("401 Unauthorized: The signature or the time does not fit.");
            }

            Files().Count.ShouldBe(3);
        }
        finally
        {
            python!.Kill();
        }
    }

    private static InstallRequest Renewed(string target) => WebhookInstallerTests.Request() with
    {
        Target = target, Token = "02a4c19be771", Files = [new RetrievedFile("PLSK.00041207.0001", "renewed"u8.ToArray(), "xml")],
    };

    private List<(string Name, string Content)> Files() => [.. Directory.EnumerateFiles(_folder.File("installed"), "*", SearchOption.AllDirectories)
        .Select(f => (Path.GetRelativePath(_folder.File("installed"), f).Replace('\\', '/'), File.ReadAllText(f))).OrderBy(f => f.Item1, StringComparer.Ordinal)];

    private static IInstaller Installer(string url, string secret, TimeProvider time)
    {
        var settings = new WebhookFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        (settings["url"], settings["secret"]) = (url, secret);
        return (IInstaller)new WebhookFactory().Create(new PluginContext(settings, NullLogger.Instance, time));
    }

    private Process? Start()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/extend/webhook-installer.md"));
        File.WriteAllText(_folder.File("receiver.py"), Program().Match(page).Groups[1].Value);
        Directory.CreateDirectory(_folder.File("installed"));
        var start = new ProcessStartInfo("python3", [_folder.File("receiver.py"), "0", _folder.File("installed")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WEBHOOK_SECRET"] = _secret;
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline, 5000)]
    private static partial Regex Program();
}
