using System.Security.Cryptography;
using Keygate.Installers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Installers.Webhook;

/// <summary>The receiver of the documentation, taken from its page and run as a process of its own.</summary>
public sealed class PythonReceiverTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_documented_receiver_verifies_installs_and_takes_a_repeat_for_what_it_is()
    {
        using var python = await PythonReceiver.StartAsync(_cancellation);
        var (url, secret) = (python.Url, python.Secret);
        var installer = Installer(url, secret, TimeProvider.System);
        (await installer.CheckAsync(_cancellation)).Value!.Facts.ShouldBe($"{url} answers 204 to a signed check.");
        python.Files().ShouldBeEmpty();

        await InstalledAsync(python, installer, WebhookInstallerTests.Request());
        await InstalledAsync(python, installer, WebhookInstallerTests.Request());
        python.Files().ShouldBe([("node4/KAV-00041208.xml", "add-on"), ("node4/PLSK-00041207.xml", "<secret/>")]);

        // A renewed file takes the old one's place, and no target leaves the folder.
        await InstalledAsync(python, installer, Renewed("../node5"));
        await InstalledAsync(python, installer, Renewed("node4"));
        python.Files().ShouldBe([("--_node5/PLSK-00041207.xml", "renewed"), ("node4/KAV-00041208.xml", "add-on"), ("node4/PLSK-00041207.xml", "renewed")]);

        // Somebody else's secret, and an old message.
        var stranger = await Installer(url, $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}", TimeProvider.System).InstallAsync(Renewed("node6"), _cancellation);
        var old = await Installer(url, secret, new ManualTime(TimeProvider.System.GetUtcNow().AddMinutes(-6))).InstallAsync(Renewed("node6"), _cancellation);
        foreach (var refused in new[] { stranger, old })
        {
            (refused.Outcome, refused.PausesPlugin).ShouldBe((Outcome.Refused, true));
            refused.Reason!.Cause.ShouldEndWith("401 Unauthorized: The signature or the time does not fit.");
        }

        python.Files().Count.ShouldBe(3);
    }

    private async Task InstalledAsync(PythonReceiver python, IInstaller installer, InstallRequest request)
    {
        var answer = await installer.InstallAsync(request, _cancellation);
        answer.Outcome.ShouldBe(Outcome.Done, $"{answer.Reason?.Cause}\n{python.Log}");
    }

    private static InstallRequest Renewed(string target) => WebhookInstallerTests.Request() with
    {
        Target = target, Token = "02a4c19be771", Files = [new RetrievedFile("PLSK.00041207.0001", "renewed"u8.ToArray(), "xml")],
    };

    private static IInstaller Installer(string url, string secret, TimeProvider time)
    {
        var settings = new WebhookFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        (settings["url"], settings["secret"]) = (url, secret);
        return (IInstaller)new WebhookFactory().Create(new PluginContext(settings, NullLogger.Instance, time));
    }
}
