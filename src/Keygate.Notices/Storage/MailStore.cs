using Keygate.Kernel;
using Keygate.Storage;

namespace Keygate.Notices.Storage;

internal sealed class MailRow
{
    public long Id { get; init; }
    public long EventNumber { get; init; }
    public string Topic { get; init; } = "";
    public string ToAddress { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Body { get; init; } = "";
    public string State { get; init; } = "";
    public int Attempts { get; init; }
    public int Generation { get; init; }
    public string? Cause { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How mail is sent, its texts, and the mails.</summary>
internal sealed class MailStore(MasterKey key, TimeProvider time)
{
    private const string Purpose = "mail/password";

    private const string Columns = "id, event_number, topic, to_address, subject, body, state, attempts, generation, cause, sent_at, created_at";

    /// <summary>The settings, with the password in clear; null where mail is not set up.</summary>
    public async Task<MailSettings?> SettingsAsync(Session session, CancellationToken cancellation) =>
        await session.FindAsync<SettingsRow>(
            "select host, port, start_tls, login, password, from_address, operator_address, language, topics from mail_settings where id = 1", null, cancellation) is { } row
            ? new MailSettings
            {
                Host = row.Host, Port = row.Port, StartTls = row.StartTls, Login = row.Login, Password = row.Password is null ? null : key.OpenText(Purpose, row.Password).Reveal,
                From = row.FromAddress, Operator = row.OperatorAddress, Language = row.Language, Topics = Json.Read<List<string>>(row.Topics),
            }
            : null;

    public async Task SetAsync(Tx tx, MailSettings? settings, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("delete from mail_settings where id = 1", null, cancellation);
        if (settings is not null)
        {
            await tx.ExecuteAsync(
                """
                insert into mail_settings(id, host, port, start_tls, login, password, from_address, operator_address, language, topics, changed_at)
                values (1, @Host, @Port, @StartTls, @Login, @password, @From, @Operator, @Language, @topics, @now)
                """,
                new
                {
                    settings.Host, settings.Port, settings.StartTls, settings.Login, password = string.IsNullOrEmpty(settings.Password) ? null : key.Seal(Purpose, settings.Password), settings.From,
                    settings.Operator, settings.Language, topics = Json.Write(settings.Topics ?? [.. MailTemplates.Topics]), now = time.GetUtcNow(),
                }, cancellation);
        }
    }

    /// <summary>The text of a topic in a language: the provider's own, else the built-in one.</summary>
    public async Task<MailText> TextAsync(Session session, string topic, string language, CancellationToken cancellation) =>
        await session.FindAsync<TextRow>("select subject, body from mail_templates where topic = @topic and language = @language", new { topic, language }, cancellation) is { } own
            ? new MailText(own.Subject, own.Body)
            : MailTemplates.Of(topic, language);

    /// <summary>Sets a text of the provider's own; null goes back to the built-in one.</summary>
    public async Task SetTextAsync(Tx tx, string topic, string language, MailText? text, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("delete from mail_templates where topic = @topic and language = @language", new { topic, language }, cancellation);
        if (text is not null)
        {
            await tx.ExecuteAsync(
                "insert into mail_templates(topic, language, subject, body, changed_at) values (@topic, @language, @Subject, @Body, @now)",
                new { topic, language, text.Subject, text.Body, now = time.GetUtcNow() }, cancellation);
        }
    }

    public Task<long> AddAsync(Tx tx, long number, string topic, string to, MailText text, CancellationToken cancellation) => tx.InsertAsync(
        """
        insert into mails(event_number, topic, to_address, subject, body, state, created_at) values (@number, @topic, @to, @Subject, @Body, @state, @now) returning id
        """, new { number, topic, to, text.Subject, text.Body, state = nameof(MailState.Waiting), now = time.GetUtcNow() }, cancellation);

    public Task<MailRow?> FindAsync(Session session, long id, CancellationToken cancellation) =>
        session.FindAsync<MailRow>($"select {Columns} from mails where id = @id", new { id }, cancellation);

    public Task<List<MailRow>> ListAsync(Session session, MailState? state, long before, int limit, CancellationToken cancellation) => session.QueryAsync<MailRow>(
        $"select {Columns} from mails where id < @before{(state is null ? "" : " and state = @state")} order by id desc limit @limit", new { before, limit, state = state?.ToString() }, cancellation);

    public Task SentAsync(Tx tx, long id, CancellationToken cancellation) => tx.ExecuteAsync(
        "update mails set state = @state, attempts = attempts + 1, cause = null, sent_at = @now where id = @id", new { id, state = nameof(MailState.Sent), now = time.GetUtcNow() }, cancellation);

    public Task FailedAsync(Tx tx, long id, int attempts, int generation, string cause, MailState state, CancellationToken cancellation) => tx.ExecuteAsync(
        "update mails set state = @State, attempts = @attempts, generation = @generation, cause = @cause where id = @id",
        new { id, State = state.ToString(), attempts, generation, cause }, cancellation);

    /// <summary>Removes old mails; those that still wait are kept.</summary>
    public Task<int> PruneAsync(Tx tx, DateTimeOffset before, int limit, CancellationToken cancellation) => tx.ExecuteAsync(
        "delete from mails where id in (select id from mails where created_at < @before and state <> @waiting order by created_at limit @limit)",
        new { before, limit, waiting = nameof(MailState.Waiting) }, cancellation);

    private sealed class SettingsRow
    {
        public string Host { get; init; } = "";
        public int Port { get; init; }
        public bool StartTls { get; init; }
        public string Login { get; init; } = "";
        public string? Password { get; init; }
        public string FromAddress { get; init; } = "";
        public string OperatorAddress { get; init; } = "";
        public string Language { get; init; } = "";
        public string Topics { get; init; } = "[]";
    }

    private sealed class TextRow
    {
        public string Subject { get; init; } = "";
        public string Body { get; init; } = "";
    }
}
