using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

/// <summary>A row of the audit trail.</summary>
public sealed record AuditEntry
{
    /// <summary>Its number.</summary>
    public long Id { get; init; }

    /// <summary>When it was done.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What sort of actor did it.</summary>
    public ActorKind ActorKind { get; init; }

    /// <summary>Who did it.</summary>
    public string ActorName { get; init; } = "";

    /// <summary>What was done, such as <c>customer.created</c>.</summary>
    public string Act { get; init; } = "";

    /// <summary>Whom it was done to, such as <c>customer/1000001</c>.</summary>
    public string Subject { get; init; } = "";

    /// <summary>What there is to say besides.</summary>
    public string? Detail { get; init; }
}

/// <summary>Reads the audit trail, newest first.</summary>
public sealed class AuditReader
{
    /// <summary>All of it, or what was done to one subject.</summary>
    public Task<Result<Page<AuditEntry>>> ListAsync(Session session, string? subject, PageRequest page, CancellationToken cancellation) => page.NewestFirstAsync(
        $"audit {subject}",
        (before, limit) => session.QueryAsync<AuditEntry>(
            $"""
            select id, at, actor_kind, actor_name, act, subject, detail from audit
            where id < @before{(subject is null ? "" : " and subject = @subject")} order by id desc limit @limit
            """,
            new { before, subject, limit }, cancellation),
        e => e.Id, e => e);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/audit",
        (string? subject, int? limit, string? cursor, Database database, AuditReader reader, CancellationToken cancellation) =>
            database.ReadAsync(s => reader.ListAsync(s, subject, PageRequest.Of(limit, cursor), cancellation), cancellation))
        .WithTags("Audit").WithName("ListAudit").WithSummary("Who did what to whom, newest first; of one subject where it is named.");
}
