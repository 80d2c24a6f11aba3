using System.Globalization;
using System.Security.Cryptography;
using Keygate.Plugins.Abstractions;
using Keygate.Plugins.Sandbox;

namespace Keygate.Installers;

/// <summary>A file in the books of the simulated installer; its contents are known by their hash alone.</summary>
internal sealed record BookedFile(string Place, int License, string KeyNumber, string Sha256, string Token, DateTimeOffset From)
{
    /// <summary>True when it was removed: the entry stays in the books.</summary>
    public bool Removed { get; init; }
}

/// <summary>Installs into its own books, and misbehaves on the way to its caller. Everything it does is said in <see cref="SimulatedInstallerFactory"/>.</summary>
internal sealed class SimulatedInstaller(PluginContext context) : IInstaller, IRemovesLicenses
{
    private readonly Journal<BookedFile> _book = new(context[SandboxKind.Journal], file => file.Place);
    private readonly Misbehaviour _misbehaviour = new(SimulatedInstallerFactory.Sandbox, context);

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<Answer<Checked>> CheckAsync(CancellationToken cancellation) => Task.FromResult(_misbehaviour.Check(() => string.Create(
        CultureInfo.InvariantCulture, $"The simulated installer has {_book.With((files, _) => files.Values.Count(f => !f.Removed && f.From <= context.Time.GetUtcNow()))} files; no product reads them.")));

    public Task<Answer<Installation>> InstallAsync(InstallRequest request, CancellationToken cancellation) =>
        _misbehaviour.ActAsync("install", request.Token, late => Put(request, context.Time.GetUtcNow() + late), cancellation);

    public Task<Answer<Removal>> RemoveAsync(RemoveRequest request, CancellationToken cancellation) => _misbehaviour.ActAsync(
        "remove", request.Files.Count == 0 ? "" : request.Files[0].KeyNumber, _ => _book.With((files, write) =>
        {
            var places = request.Files.Select(f => $"{Placement.FolderOf(request)}/{Placement.NameOf(f)}").ToList();
            foreach (var there in places.Select(files.GetValueOrDefault).OfType<BookedFile>().Where(f => !f.Removed))
            {
                write(there with { Removed = true });
            }

            return Answer.Done(new Removal(places));
        }), cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Answer<Installation> Put(InstallRequest request, DateTimeOffset from) => _book.With((files, write) =>
    {
        var places = new List<string>();
        foreach (var file in request.Files)
        {
            var place = $"{Placement.FolderOf(request)}/{Placement.NameOf(file)}";
            var hash = Convert.ToHexString(SHA256.HashData(file.Content));
            places.Add(place);

            // The same file is there, or will be by then: a repeat installs nothing.
            if (!(files.TryGetValue(place, out var there) && !there.Removed && there.Sha256 == hash && there.From <= from))
            {
                write(new BookedFile(place, request.LicenseId, file.KeyNumber, hash, request.Token, from));
            }
        }

        return Answer.Done(new Installation(places));
    });
}
