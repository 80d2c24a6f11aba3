using Microsoft.Extensions.DependencyInjection;

namespace Keygate.KeyServer;

/// <summary>
/// What the issuer's staff does at the screens: a room for people beside the doors for programs. Every act goes through the handler that REST calls, and every list through the reader that REST reads
/// (ADR 0070); a desk itself decides nothing. Transactions and sessions are the caller's, of the key server's own database.
/// </summary>
public abstract class Desk
{
    private readonly IServiceProvider _room;

    private protected Desk(IServiceProvider room) => _room = room;

    // A desk opens as many handlers as there are acts, most of them for one method.
    private protected T Get<T>()
        where T : notnull => _room.GetRequiredService<T>();
}
