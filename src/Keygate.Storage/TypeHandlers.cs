using System.Data;
using System.Globalization;
using System.Reflection;
using Dapper;
using Keygate.Kernel;

namespace Keygate.Storage;

/// <summary>How our types stand in a column: times as Unix milliseconds, dates as text, typed numbers as plain ones.</summary>
public static class TypeHandlers
{
    // The mapper copies its table of handlers to change it: two that add at once would lose one of the two.
    private static readonly Lock Adding = new();

    internal static void Register()
    {
        using var _ = Adding.EnterScope();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        // Their nullable forms have entries of their own, which would ask the driver for its date types and pass our handlers by.
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.RemoveTypeMap(typeof(DateOnly));
        SqlMapper.RemoveTypeMap(typeof(DateOnly?));
        SqlMapper.AddTypeHandler(new Times());
        SqlMapper.AddTypeHandler(new Dates());
    }

    /// <summary>Teaches the mapper the typed numbers that a room declares; each room calls it when it is added.</summary>
    public static void RegisterNumbers(Assembly room)
    {
        using var _ = Adding.EnterScope();
        foreach (var type in room.GetTypes().Where(t => t.IsValueType && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INumber<>))))
        {
            SqlMapper.AddTypeHandler(type, (SqlMapper.ITypeHandler)Activator.CreateInstance(typeof(NumberHandler<>).MakeGenericType(type))!);
        }
    }

    private sealed class Times : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToUnixTimeMilliseconds();
        }

        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, CultureInfo.InvariantCulture));
    }

    private sealed class Dates : SqlMapper.TypeHandler<DateOnly>
    {
        public override void SetValue(IDbDataParameter parameter, DateOnly value)
        {
            parameter.DbType = DbType.String;
            parameter.Value = value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        public override DateOnly Parse(object value) => DateOnly.ParseExact((string)value, "yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private sealed class NumberHandler<T> : SqlMapper.TypeHandler<T>
        where T : struct, INumber<T>
    {
        public override void SetValue(IDbDataParameter parameter, T value)
        {
            parameter.DbType = DbType.Int32;
            parameter.Value = value.Value;
        }

        public override T Parse(object value) => T.Of(Convert.ToInt32(value, CultureInfo.InvariantCulture));
    }
}
