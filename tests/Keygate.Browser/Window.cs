using Keygate.Testing;
using Microsoft.Playwright;
using Shouldly;

namespace Keygate.Browser;

/// <summary>A window of a browser, with what a person does in it.</summary>
public sealed class Window(IBrowserContext context, IPage page, DemoProvider provider) : IAsyncDisposable
{
    public IPage Page => page;

    /// <summary>What went wrong in the page; empty in a good one.</summary>
    public List<string> Faults { get; } = [];

    public async Task SignInAsync(string? login = null, string? password = null)
    {
        await page.GotoAsync("/admin/sign-in");
        await page.FillAsync("#login", login ?? (string)provider.Demo["panel"]!["login"]!);
        await page.FillAsync("#password", password ?? (string)provider.Demo["panel"]!["password"]!);
        await page.ClickAsync("button.btn-primary");
    }

    /// <summary>Waits until a part of the page says something.</summary>
    public async Task SaysAsync(string selector, string text) => await Assertions.Expect(page.Locator(selector)).ToContainTextAsync(text);

    /// <summary>The labels of the buttons that the page offers beside the menu.</summary>
    public async Task<IReadOnlyList<string>> ButtonsAsync() =>
        [.. (await page.Locator("#live > .acts > .act button, #live > .acts > .ask > summary, #live > .acts > a").AllInnerTextsAsync()).Select(t => t.Trim())];

    public async ValueTask DisposeAsync()
    {
        await context.CloseAsync();
        Faults.ShouldBeEmpty();
    }
}
