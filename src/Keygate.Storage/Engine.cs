namespace Keygate.Storage;

/// <summary>The two databases that Keygate supports, both tested on every change.</summary>
public enum Engine
{
    /// <summary>The default: one file, one process.</summary>
    Sqlite,

    /// <summary>The large form: any number of processes on one server.</summary>
    PostgreSql,
}
