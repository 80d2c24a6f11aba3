using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Keygate.Storage;

/// <summary>
/// A command that stands before the driver's: what the caller fills in is kept in <see cref="Given"/> until it is known how it will run.
/// </summary>
/// <typeparam name="T">The driver's command.</typeparam>
internal abstract class StandInCommand<T>(DbConnection connection) : DbCommand
    where T : DbCommand, new()
{
    [AllowNull]
    public override string CommandText
    {
        get => Given.CommandText;
#pragma warning disable CA2100 // The text is the caller's, as with any command.
        set => Given.CommandText = value;
#pragma warning restore CA2100
    }

    public override int CommandTimeout
    {
        get => Given.CommandTimeout;
        set => Given.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => Given.CommandType;
        set => Given.CommandType = value;
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected T Given { get; } = new();

    // The mapper asks it what it can do: on PostgreSQL a list is one parameter.
    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException();
    }

    protected override DbParameterCollection DbParameterCollection => Given.Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Prepare()
    {
    }

    protected override DbParameter CreateDbParameter() => Given.CreateParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Given.Dispose();
        }

        base.Dispose(disposing);
    }
}
