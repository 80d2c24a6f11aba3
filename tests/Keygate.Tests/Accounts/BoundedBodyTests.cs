using Keygate.Accounts;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Accounts;

public sealed class BoundedBodyTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(99_999, true)]
    [InlineData(100_000, true)]
    [InlineData(100_001, false)]
    [InlineData(250_000, false)]
    public async Task Reads_a_body_up_to_its_bound_and_none_beyond_it(int length, bool taken)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(bytes);

        var body = await BoundedBody.ReadAsync(request, 100_000, default);

        body.ShouldBe(taken ? bytes : null);
    }

    [Fact]
    public async Task Does_not_begin_to_read_what_is_announced_as_too_long()
    {
        var body = new MemoryStream(new byte[10]);
        var request = new DefaultHttpContext().Request;
        request.Body = body;
        request.ContentLength = 11;

        (await BoundedBody.ReadAsync(request, 10, default)).ShouldBeNull();

        body.Position.ShouldBe(0);
    }
}
