using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Keygate.Accounts;

/// <summary>The bodies that endpoints read by hand, since they look at each byte of them: files, and requests whose form is their own.</summary>
public static class BoundedBody
{
    /// <summary>Reads the whole body; null where it is longer than the bound, of which no more is kept than that, whatever length it announced.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bytesMax">The longest that is taken, in bytes.</param>
    /// <param name="cancellation">Ends the wait for more of the body.</param>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, int bytesMax, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ContentLength > bytesMax)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (read.Buffer.Length <= bytesMax && !read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            byte[]? body = read.Buffer.Length > bytesMax ? null : read.Buffer.ToArray();
            reader.AdvanceTo(read.Buffer.End);
            return body;
        }
    }
}
