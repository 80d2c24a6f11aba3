using System.Net.Http.Headers;
using Keygate.Plugins.Abstractions;

namespace Acme.Agent;

/// <summary>One agent. Thread-safe, since its HTTP client is.</summary>
internal sealed class AgentInstaller : IInstaller
{
    private readonly HttpClient _agent;

    public AgentInstaller(Uri address, string password)
    {
        // Keygate ends a call that takes too long by its token; a time-out of our own would only compete with it.
        _agent = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _agent.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", password);
    }

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    // Changes nothing at the agent.
    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, "health", null, async answer => new Checked($"{_agent.BaseAddress} answers: {await answer.ReadAsStringAsync(cancellation)}"), cancellation);

    // PUT is repeatable: the same file again changes nothing.
    public async Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation)
    {
        var places = new List<string>();
        foreach (var file in request.Files)
        {
            var place = $"instances/{Uri.EscapeDataString(request.Target)}/licenses/{Uri.EscapeDataString(file.KeyNumber)}.{file.Extension}";
            var put = await AskAsync(HttpMethod.Put, place, file.Content, _ => Task.FromResult(true), cancellation);
            var copy = put.Outcome == Outcome.Done ? await AskAsync(HttpMethod.Get, place, null, c => c.ReadAsByteArrayAsync(cancellation), cancellation) : put.As<byte[]>();
            if (copy.Outcome != Outcome.Done)
            {
                return copy.As<Installation>();
            }

            // Done is a promise, so the copy is read back before it is given.
            if (!copy.Value.AsSpan().SequenceEqual(file.Content))
            {
                return Answer.Unknown<Installation>(new Reason($"{_agent.BaseAddress}{place} holds another file than the one sent", "Look at the agent's disk."));
            }

            places.Add($"{_agent.BaseAddress}{place}");
        }

        return Answer.Done(new Installation(places));
    }

    public ValueTask DisposeAsync()
    {
        _agent.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Answer<T>> AskAsync<T>(HttpMethod method, string path, byte[]? body, Func<HttpContent, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
            using var answer = await _agent.SendAsync(request, cancellation);
            var status = $"{_agent.BaseAddress} answered {(int)answer.StatusCode}";
            return (int)answer.StatusCode switch
            {
                >= 200 and < 300 => Answer.Done(await read(answer.Content)),
                // Every further call would fail as well, so Keygate pauses the plug-in.
                401 or 403 => Answer.Refused<T>(new Reason($"{status}: the password is wrong", "Correct the plug-in's password.", $"{(int)answer.StatusCode}"), pausesPlugin: true),
                >= 400 and < 500 => Answer.Refused<T>(new Reason($"{status} to {path}", "Check that the instance exists at the agent.", $"{(int)answer.StatusCode}")),
                _ => Answer.Unknown<T>(new Reason(status, "Look at the agent's log.", $"{(int)answer.StatusCode}")),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            // No byte of the request has left: the one case that may be repeated at once.
            return Answer.NotDone<T>(new Reason($"{_agent.BaseAddress} cannot be reached: {e.Message}", "Check the address, and that the agent runs."));
        }
        catch (HttpRequestException e)
        {
            return Answer.Unknown<T>(new Reason($"{_agent.BaseAddress} did not answer to the end: {e.Message}", "Look at the agent's log."));
        }
    }
}
