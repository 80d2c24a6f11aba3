using System.Globalization;
using Keygate.Kernel;
using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Keygate.Accounts;

/// <summary>What is wrong with the audit trail.</summary>
public enum AuditFault
{
    /// <summary>A row says something else than when it was linked.</summary>
    Altered,

    /// <summary>A row that was linked is gone.</summary>
    Removed,

    /// <summary>Somebody without the master key wrote the row, or a copy of one.</summary>
    Inserted,

    /// <summary>The chain itself was changed: a link is missing or does not follow from the one before it.</summary>
    ChainBroken,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Fault">What.</param>
/// <param name="AuditId">The row's number; null where it is about a link.</param>
/// <param name="Seq">The link's number; null where there is none.</param>
/// <param name="Detail">What was found.</param>
public sealed record AuditFinding(AuditFault Fault, long? AuditId, long? Seq, string Detail);

/// <summary>What became of the check of one database's audit trail.</summary>
public sealed record AuditVerification
{
    /// <summary>Whose: <c>provider</c> or <c>keyserver</c>.</summary>
    public required string Database { get; init; }

    /// <summary>True where every row is as it was written, and none is missing or too many.</summary>
    public bool IsWhole => Faults == 0;

    /// <summary>Rows that were checked against their links.</summary>
    public long Rows { get; init; }

    /// <summary>Rows of the last moments that have no link yet; they are linked within seconds.</summary>
    public long Pending { get; init; }

    /// <summary>Rows from before there was a chain: what they said before they were linked, nobody knows.</summary>
    public long Unsealed { get; init; }

    /// <summary>Where the chain ends, to be kept elsewhere: a later check with it proves that nothing up to here was taken away.</summary>
    public string? Head { get; init; }

    /// <summary>How much is wrong.</summary>
    public long Faults { get; init; }

    /// <summary>The first 100 of it.</summary>
    public IReadOnlyList<AuditFinding> Findings { get; init; } = [];
}

/// <summary>Checks that the audit trail is as it was written. Only reads; acts under way are not held up.</summary>
internal sealed class VerifyAudit(IEnumerable<AuditedDatabase> databases, MasterKey key)
{
    private const int Batch = 2000, FindingsMax = 100;

    /// <summary>All trails of this process.</summary>
    /// <param name="heads">Ends of chains that were kept elsewhere, each as <c>provider/SEQ:LINK</c>.</param>
    /// <param name="cancellation">Ends the check.</param>
    public async Task<Result<List<AuditVerification>>> HandleAsync(IReadOnlyList<string> heads, CancellationToken cancellation)
    {
        var known = new List<(string Database, long Seq, string Link)>();
        foreach (var head in heads)
        {
            var (name, end) = Cut(head, '/');
            var (seq, link) = Cut(end, ':');
            if (!databases.Any(d => d.Name == name) || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || link.Length != 64)
            {
                return AccountsErrors.AuditHeadUnreadable.Because($"'{head}' is no end of a chain of {string.Join(" or ", databases.Select(d => d.Name))}.").At("head");
            }

            known.Add((name, number, link));
        }

        var all = new List<AuditVerification>();
        foreach (var audited in databases)
        {
            all.Add(await new Walk(audited, key).RunAsync([.. known.Where(k => k.Database == audited.Name).Select(k => (k.Seq, k.Link))], cancellation));
        }

        return all;
    }

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/audit/verification", ([FromQuery(Name = "head")] string[]? head, VerifyAudit handler, CancellationToken cancellation) => handler.HandleAsync(head ?? [], cancellation))
        .WithTags("Audit").WithName("VerifyAudit").WithSummary("Checks that no row of the audit trail was altered, removed or inserted; may take minutes. 'head' names an end of the chain that was kept elsewhere.");

    private static (string, string) Cut(string text, char at) => text.IndexOf(at, StringComparison.Ordinal) is > 0 and var i ? (text[..i], text[(i + 1)..]) : (text, "");

    private sealed class Walk(AuditedDatabase audited, MasterKey key)
    {
        private readonly List<AuditFinding> _findings = [];
        private long _faults;
        private long _rows;
        private long _unsealed;

        public async Task<AuditVerification> RunAsync(IReadOnlyList<(long Seq, string Link)> known, CancellationToken cancellation)
        {
            // Read before the rows: what was linked or settled by now is so for all that follows.
            var (settled, head) = await audited.Database.ReadAsync(
                async s => (await s.FindAsync<long?>("select settled from audit_chain where id = 1", null, cancellation) ?? 0, await AuditChain.HeadAsync(s, cancellation)), cancellation);
            var begins = await LinksAsync(head, known, cancellation);
            var pending = await UnlinkedAsync(begins, settled, cancellation);
            await CopiesAsync(cancellation);
            return new AuditVerification
            {
                Database = audited.Name, Rows = _rows, Pending = pending, Unsealed = _unsealed, Head = head is null ? null : $"{audited.Name}/{head}", Faults = _faults, Findings = _findings,
            };
        }

        // The number up to which rows need no seal.
        private async Task<long> LinksAsync(AuditHead? head, IReadOnlyList<(long Seq, string Link)> known, CancellationToken cancellation)
        {
            if (head is null)
            {
                if (await audited.Database.ReadAsync(s => s.GetAsync<bool>("select exists (select 1 from audit_links)", null, cancellation), cancellation))
                {
                    Found(AuditFault.ChainBroken, null, null, "The row that says where the chain ends is gone.");
                }

                known.ToList().ForEach(k => Found(AuditFault.ChainBroken, null, k.Seq, "The chain that was known to reach here is gone."));
                return 0;
            }

            var (expected, begins, link, met) = (0L, 0L, Array.Empty<byte>(), new HashSet<long>());
            for (var after = -1L; after < head.Seq;)
            {
                var rows = await audited.Database.ReadAsync(
                    s => s.QueryAsync<LinkedRow>(
                        $"""
                        select l.seq, l.audit_id, l.digest, l.link, a.id as found, coalesce(a.id, 0) as id, coalesce(a.at, 0) as at, coalesce(a.actor_kind, '') as actor_kind, a.actor_id,
                          coalesce(a.actor_name, '') as actor_name, coalesce(a.act, '') as act, coalesce(a.subject, '') as subject, a.detail, a.seal
                        from audit_links l left join audit a on a.id = l.audit_id where l.seq > @after and l.seq <= @last order by l.seq limit {Batch}
                        """, new { after, last = head.Seq }, cancellation), cancellation);
                if (rows.Count == 0)
                {
                    break;
                }

                foreach (var row in rows)
                {
                    if (row.Seq != expected)
                    {
                        Found(AuditFault.ChainBroken, null, expected, $"Links {expected} to {row.Seq - 1} are gone.");
                    }
                    else if (!row.Link.AsSpan().SequenceEqual(AuditSeal.Link(key, link, row.Seq, row.Seq == 0 ? -row.AuditId : row.AuditId, row.Digest)))
                    {
                        Found(AuditFault.ChainBroken, row.AuditId, row.Seq, "The link does not follow from the one before it.");
                    }

                    (expected, link, after) = (row.Seq + 1, row.Link, row.Seq);
                    if (row.Seq == 0)
                    {
                        begins = -row.AuditId;
                    }
                    else
                    {
                        Row(row, begins);
                    }

                    foreach (var (seq, kept) in known.Where(k => k.Seq == row.Seq))
                    {
                        met.Add(seq);
                        if (!string.Equals(kept, Convert.ToHexString(row.Link), StringComparison.OrdinalIgnoreCase))
                        {
                            Found(AuditFault.ChainBroken, null, seq, "The chain is not the one whose end was kept.");
                        }
                    }
                }
            }

            if (expected != head.Seq + 1 || Convert.ToHexString(link) != head.Link)
            {
                Found(AuditFault.ChainBroken, null, head.Seq, $"The chain ends with link {expected - 1}, and should end with {head.Seq}.");
            }

            foreach (var (seq, _) in known.Where(k => !met.Contains(k.Seq)))
            {
                Found(AuditFault.ChainBroken, null, seq, $"The chain ends with link {head.Seq}, before the end that was kept: the rows after it are gone.");
            }

            return begins;
        }

        private void Row(LinkedRow row, long begins)
        {
            _rows++;
            if (row.Found is null)
            {
                Found(AuditFault.Removed, row.AuditId, row.Seq, "The row is gone.");
            }
            else if (!AuditSeal.Digest(row).AsSpan().SequenceEqual(row.Digest))
            {
                Found(AuditFault.Altered, row.AuditId, row.Seq, $"The row says {row.Act} {row.Subject} by {row.ActorName}, which is not what was linked.");
            }
            else if (row.Seal is null && row.Id <= begins)
            {
                _unsealed++;
            }
            else if (!AuditSeal.IsGenuine(key, row))
            {
                Found(AuditFault.Inserted, row.AuditId, row.Seq, $"{row.Act} {row.Subject} by {row.ActorName} was not written by Keygate.");
            }
        }

        private async Task<long> UnlinkedAsync(long begins, long settled, CancellationToken cancellation)
        {
            var pending = 0L;
            for (var after = long.MinValue; ;)
            {
                var rows = await audited.Database.ReadAsync(
                    s => s.QueryAsync<AuditRow>(
                        $"select {AuditRow.Columns} from audit a where a.id > @after and not exists (select 1 from audit_links l where l.audit_id = a.id) order by a.id limit {Batch}",
                        new { after }, cancellation), cancellation);
                foreach (var row in rows)
                {
                    if (row.Id > settled && (AuditSeal.IsGenuine(key, row) || (row.Seal is null && row.Id <= begins)))
                    {
                        pending++;
                    }
                    else
                    {
                        Found(AuditFault.Inserted, row.Id, null, $"{row.Act} {row.Subject} by {row.ActorName} has no link{(AuditSeal.IsGenuine(key, row) ? ": it was put back, or its link was removed." : " and was not written by Keygate.")}");
                    }
                }

                if (rows.Count < Batch)
                {
                    return pending;
                }

                after = rows[^1].Id;
            }
        }

        private async Task CopiesAsync(CancellationToken cancellation)
        {
            var copies = await audited.Database.ReadAsync(
                s => s.QueryAsync<long>(
                    $"""
                    select a.id from audit a where a.seal in (select seal from audit where seal is not null group by seal having count(*) > 1)
                      and a.id <> (select min(b.id) from audit b where b.seal = a.seal) order by a.id limit {FindingsMax + 1}
                    """, null, cancellation), cancellation);
            copies.ForEach(id => Found(AuditFault.Inserted, id, null, "The row is a copy of another one."));
        }

        private void Found(AuditFault fault, long? auditId, long? seq, string detail)
        {
            _faults++;
            if (_findings.Count < FindingsMax)
            {
                _findings.Add(new AuditFinding(fault, auditId, seq, detail));
            }
        }
    }

    private sealed class LinkedRow : AuditRow
    {
        public long Seq { get; init; }
        public long AuditId { get; init; }
        public byte[] Digest { get; init; } = [];
        public byte[] Link { get; init; } = [];
        public long? Found { get; init; }
    }
}
