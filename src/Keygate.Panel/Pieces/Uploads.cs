using Keygate.Kernel;
using Microsoft.AspNetCore.Http;

namespace Keygate.Panel;

/// <summary>Files that a form brings.</summary>
internal static class Uploads
{
    /// <summary>The whole content of a file; refused where it is larger than is taken here.</summary>
    public static async Task<Result<byte[]>> ReadAsync(IFormFile file, long bytesMax, string field, CancellationToken cancellation)
    {
        if (file.Length > bytesMax)
        {
            return KernelErrors.RequestInvalid.Because($"{file.FileName} has {file.Length} bytes; {bytesMax} are the most.").At(field);
        }

        var content = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(content, cancellation);
        return content;
    }
}
