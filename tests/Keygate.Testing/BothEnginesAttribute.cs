using System.Reflection;
using Keygate.Storage;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Keygate.Testing;

/// <summary>Runs a theory with its one parameter, an <see cref="Engine"/>, on SQLite and on PostgreSQL.</summary>
public sealed class BothEnginesAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([new TheoryDataRow<Engine>(Engine.Sqlite), new TheoryDataRow<Engine>(Engine.PostgreSql)]);

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;
}
