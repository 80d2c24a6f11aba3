using System.Diagnostics.CodeAnalysis;

namespace Keygate.Api.Billing;

/// <summary>All methods that the Billing API answers, and those that it names without having them.</summary>
internal sealed class BillingMethods
{
    private const string Commit = "CommitTransaction", Rollback = "RollbackTransaction";
    private readonly Dictionary<(string Server, string Name), BillingMethod> _byName = [];

    public BillingMethods(IEnumerable<IBillingMethods> groups)
    {
        All = [.. groups.SelectMany(g => g.All)];
        foreach (var method in All)
        {
            foreach (var name in method.Aliases.Prepend(method.Name))
            {
                _byName.Add((method.Server, name), method);
            }
        }
    }

    /// <summary>The methods that are built, in the order of the reference page.</summary>
    public IReadOnlyList<BillingMethod> All { get; }

    /// <summary>True for the two methods that end a transaction. The reference does not say where they stand, so every container has them.</summary>
    public static bool IsEnd(string name, out bool commit)
    {
        commit = name == Commit;
        return commit || name == Rollback;
    }

    /// <summary>The method; else what to tell the caller.</summary>
    public bool TryFind(string server, string name, [NotNullWhen(true)] out BillingMethod? method, [NotNullWhen(false)] out string? why)
    {
        why = null;
        if (_byName.TryGetValue((server, name), out method))
        {
            return true;
        }

        var servers = All.Select(m => m.Server).Concat(NotBuilt.Servers).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        why = !servers.Contains(server) ? $"There is no server {server}. The servers are {string.Join(", ", servers)}."
            : NotBuilt.Has(server, name) ? $"{server}.{name} is a method of Business Automation that this server has not built. The methods that it has stand in docs/reference/billing-api.md."
            : $"There is no method {name} in {server}. The methods that this server has stand in docs/reference/billing-api.md.";
        return false;
    }
}
