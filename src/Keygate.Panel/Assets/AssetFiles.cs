using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Panel;

/// <summary>
/// Style sheets and scripts of the screens. They travel inside the program, so that a single copied file is a whole Keygate; each address
/// carries a hash of the contents, so that a browser may keep it for ever.
/// </summary>
internal static class AssetFiles
{
    private const string Root = "wwwroot/", Prefix = "/assets";

    private static readonly FrozenDictionary<string, Asset> All = Read();

    /// <summary>The address of a file, below the path base.</summary>
    public static string Path(string file) => $"{Prefix}/{All[file].Hash}/{file}";

    public static void Map(IEndpointRouteBuilder root) => root.MapGet(Prefix + "/{hash}/{**file}", (string hash, string file, HttpContext http) =>
    {
        if (!All.TryGetValue(file, out var asset) || asset.Hash != hash)
        {
            return Results.NotFound();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = "Accept-Encoding";
        if (!http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            return Results.Bytes(asset.Content, asset.Type);
        }

        headers.ContentEncoding = "br";
        return Results.Bytes(asset.Packed.Value, asset.Type);
    }).ExcludeFromDescription();

    private static FrozenDictionary<string, Asset> Read()
    {
        var assembly = typeof(AssetFiles).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Root, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new Asset(name[Root.Length..], content);
        }).ToFrozenDictionary(a => a.File, StringComparer.Ordinal);
    }

    private sealed class Asset(string file, byte[] content)
    {
        public string File { get; } = file;

        public byte[] Content { get; } = content;

        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 6));

        public string Type { get; } = System.IO.Path.GetExtension(file) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"{file}: files that end in {other} have no media type here."),
        };

        // Once, when the first browser asks: at start it would be paid for by everybody who only wants the doors.
        public Lazy<byte[]> Packed { get; } = new(() =>
        {
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, new BrotliCompressionOptions { Quality = 8 }))
            {
                brotli.Write(content);
            }

            return packed.ToArray();
        });
    }
}
