using Keygate.Testing;
using Microsoft.Playwright;
using Xunit;

namespace Keygate.Browser;

/// <summary>One Chromium for all tests of a class, and a provider that the demo has set up.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;
    private DemoProvider? _provider;

    public DemoProvider Provider => _provider!;

    public async ValueTask InitializeAsync()
    {
        var program = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        if (program is null)
        {
            var missing = "Chromium is missing; install it with: apt-get install -y --no-install-recommends chromium fonts-dejavu-core";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", missing);
            Assert.Fail(missing);
        }

        _provider = await DemoProvider.StartAsync(Storage.Engine.Sqlite);
        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] });
    }

    /// <summary>A fresh window; the test fails where a script of the page does, or where the page does what its policy forbids.</summary>
    public async Task<Window> OpenAsync(int width = 1280, ColorScheme theme = ColorScheme.Light, string language = "en", bool scripts = true)
    {
        var context = await _chromium!.NewContextAsync(new()
        {
            BaseURL = Provider.Server.Url.ToString(), ColorScheme = theme, ViewportSize = new() { Width = width, Height = 900 }, Locale = language, JavaScriptEnabled = scripts,
        });
        context.SetDefaultTimeout(15_000);
        var page = await context.NewPageAsync();
        var window = new Window(context, page, Provider);
        page.PageError += (_, error) => window.Faults.Add(error);
        page.Console += (_, message) =>
        {
            // The browser itself logs an answer such as 409, which some tests want.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                window.Faults.Add(message.Text);
            }
        };
        return window;
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }
    }
}
