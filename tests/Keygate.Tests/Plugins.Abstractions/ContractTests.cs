using System.Reflection;
using System.Text;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Shouldly;
using Xunit;

namespace Keygate.Tests.Plugins.Abstractions;

public sealed class ContractTests
{
    /// <summary>Authors of plug-ins build against it: a change here is a line in CHANGELOG, and a new <see cref="Contract.Version"/> where they must change.</summary>
    [Fact]
    public void The_public_api_is_as_approved()
    {
        var api = new StringBuilder();
        foreach (var type in typeof(IPlugin).Assembly.GetExportedTypes().OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            api.Append(Name(type)).Append(type.BaseType is { } above && above != typeof(object) ? $" : {Name(above)}" : "")
                .Append(string.Concat(type.GetInterfaces().Where(i => !i.IsGenericType).OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => $" + {i.Name}"))).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                api.Append("  ").Append(member).Append('\n');
            }
        }

        Approve.That(api.ToString(), "PublicApi");
    }

    [Fact]
    public void A_refusal_can_be_passed_on_and_a_value_cannot()
    {
        var refused = Answer.Refused<string>(new Reason("no", "do", "244"), pausesPlugin: true).As<int[]>();

        (refused.Outcome, refused.Reason!.Code, refused.PausesPlugin).ShouldBe((Outcome.Refused, "244", true));
        Should.Throw<InvalidOperationException>(() => Answer.Done("x").As<int[]>());
    }

    private static string[] Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
        {
            return Enum.GetNames(type);
        }

        // What the compiler gives every record is left out.
        string[] given = ["Equals", "GetHashCode", "ToString", "op_Equality", "op_Inequality", "<Clone>$", "Deconstruct"];
        return
        [
            .. type.GetConstructors(Own).Select(c => $"new({Parameters(c)})"),
            .. type.GetFields(Own).Select(f => $"{f.Name}: {Name(f.FieldType)}{(f.IsLiteral ? $" = {f.GetRawConstantValue()}" : "")}"),
            .. type.GetProperties(Own).Select(p => p.GetIndexParameters() is { Length: > 0 } index
                ? $"this[{string.Join(", ", index.Select(i => Name(i.ParameterType)))}]: {Name(p.PropertyType)}"
                : $"{p.Name}: {Name(p.PropertyType)}{(p.SetMethod?.IsPublic == true ? " init" : "")}"),
            .. type.GetMethods(Own).Where(m => !m.IsSpecialName && !given.Contains(m.Name))
                .Select(m => $"{m.Name}{(m.IsGenericMethod ? "<T>" : "")}({Parameters(m)}): {Name(m.ReturnType)}{(type.IsInterface && !m.IsAbstract ? " (default)" : "")}"),
        ];
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}{(p.IsOptional ? "?" : "")}"));

    private static string Name(Type type) => !type.IsGenericType
        ? type.Name
        : Nullable.GetUnderlyingType(type) is { } inner
            ? $"{Name(inner)}?"
            : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
}
