using System.Text;
using Keygate.Accounts;
using Keygate.Catalog;
using Keygate.Kernel;
using Keygate.Storage;
using Keygate.Testing;
using Shouldly;

namespace Keygate.Tests.Catalog;

/// <summary>A database with the catalog's tables, and the room's slices upon it.</summary>
internal sealed class Catalogs : IAsyncDisposable
{
    private readonly TestDatabase _test;

    private Catalogs(TestDatabase test)
    {
        _test = test;
        Reader = new CatalogReader();
        Editor = new CatalogEditor(Reader, new Audit(Time, MasterKey.Parse(Convert.ToBase64String(new byte[32])).Value), Time);
    }

    public ManualTime Time { get; } = new();

    public Database Database => _test.Database;

    public CatalogReader Reader { get; }

    public CatalogEditor Editor { get; }

    public static async Task<Catalogs> CreateAsync(Engine engine) => new(await TestDatabase.CreateAsync(engine, typeof(AccountsModule).Assembly, typeof(CatalogModule).Assembly));

    public static async Task<Catalogs> WithSampleAsync(Engine engine, string sample)
    {
        var catalogs = await CreateAsync(engine);
        (await catalogs.ImportAsync(Sample(sample))).IsDone.ShouldBeTrue();
        return catalogs;
    }

    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Repository.Root, "samples", name, "catalog.json"));

    public static CatalogView SampleView(string name) => new(CatalogContents.Of(CatalogFile.Read(Sample(name)).Value.Catalog.Entries));

    public Task<CatalogView> ViewAsync() => Database.ReadAsync(s => Reader.GetAsync(s, default), default);

    public Task<byte[]> ExportAsync() => Database.ReadAsync(s => new ExportCatalog(Reader).HandleAsync(s, default), default);

    public Task<Result<CatalogDiff>> ImportAsync(string file) => ImportAsync(Encoding.UTF8.GetBytes(file));

    public Task<Result<CatalogDiff>> ImportAsync(byte[] file) =>
        WriteAsync(tx => new ImportCatalog(Editor, Reader).HandleAsync(tx, new ImportCatalogRequest(file), Actor.Keygate, default));

    public Task<Result<CatalogDiff>> PreviewAsync(byte[] file) =>
        Database.ReadAsync(s => new ImportCatalog(Editor, Reader).PreviewAsync(s, new ImportCatalogRequest(file), default), default);

    public Task<Result<CatalogDiff>> ArchiveAsync(CatalogKind kind, string code, bool archived = true) =>
        WriteAsync(tx => new ArchiveEntry(Editor).HandleAsync(tx, new ArchiveEntryRequest(kind, code, archived), Actor.Keygate, default));

    public Task<Result<T>> WriteAsync<T>(Func<Tx, Task<Result<T>>> act) => Database.WriteAsync(act, default);

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}

internal static class Refusals
{
    /// <summary>The refusal with all its further ones.</summary>
    public static IReadOnlyList<Error> Refused<T>(this Result<T> result)
    {
        result.IsDone.ShouldBeFalse();
        return [result.Error!, .. result.Error!.Others];
    }
}
