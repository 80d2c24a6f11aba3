using System.Text;
using Keygate.Api.Billing;
using Keygate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Api.Billing;

/// <summary>The reference page of the Billing API, made from the methods themselves.</summary>
public sealed class BillingReferenceTests
{
    private static readonly BillingMethods Methods = new(
    [
        .. new ServiceCollection().AddBillingApi().Where(s => s.ServiceType == typeof(IBillingMethods)).Select(s => s.ImplementationType!)
            .Select(type => (IBillingMethods)type.GetConstructors().Single().Invoke(new object?[type.GetConstructors().Single().GetParameters().Length])),
    ]);

    [Fact]
    public void The_page_says_what_each_method_takes_and_answers()
    {
        var page = new StringBuilder(
            """
            # Billing API: the methods

            Made by a test from the methods themselves; it fails when this page drifts from them. How to reach the door, and its log-in, faults and transactions: [docs/operate/billing-api.md](../operate/billing-api.md).
            What the originals say: [business-automation.md](business-automation.md), section 5.

            `CommitTransaction` and `RollbackTransaction` take the transaction's id as parameter or as the member `TransactionID`, in any container.
            Every changing method needs the role Administrator or Operator. Dates are Unix times, amounts doubles in the plan's currency, -2147483648 is the null of an int.

            """);
        foreach (var server in Methods.All.Select(m => m.Server).Distinct())
        {
            page.Append($"\n## {server}\n");
            foreach (var method in Methods.All.Where(m => m.Server == server))
            {
                page.Append($"\n### {method.Name}\n\n{method.Summary}");
                page.Append(method.Aliases.Count == 0 ? "" : $" Also called {string.Join(", ", method.Aliases)}.");
                page.Append(method.Notes.Length == 0 ? "\n" : $" {method.Notes}\n");
                if (method.Parameters.Count > 0)
                {
                    page.Append("\n| # | parameter | type | |\n| --- | --- | --- | --- |\n");
                    foreach (var (parameter, i) in method.Parameters.Select((p, i) => (p, i)))
                    {
                        page.Append($"| {i + 1} | {parameter.Name} | {parameter.TypeName}{(parameter.Optional ? ", may be left out" : "")} | {parameter.Meaning} |\n");
                    }
                }

                page.Append($"\nAnswer: {method.Answer}\n");
            }
        }

        page.Append("\n## Not built\n\nThe originals name these too. A call is answered with a fault that says that the method is not built.\n\n");
        foreach (var server in NotBuilt.Servers)
        {
            var missing = NotBuilt.Known.Where(k => k.Server == server && !Methods.TryFind(server, k.Name, out _, out _)).Select(k => $"`{k.Name}`").ToList();
            page.Append(missing.Count == 0 ? "" : $"- {server}: {string.Join(", ", missing)}\n");
        }

        Approve.File(page.ToString(), Path.Combine(Repository.Root, "docs/reference/billing-api.md"));
    }

    [Fact]
    public void Every_method_is_one_that_the_reference_names_or_one_of_the_six_of_KAGATE() => Methods.All
        .Where(m => m.Server != "KAGATE").SelectMany(m => m.Aliases.Prepend(m.Name).Select(name => (m.Server, name)))
        .Where(m => !NotBuilt.Has(m.Server, m.name)).ShouldBeEmpty();
}
