using Keygate.XmlRpc;

namespace Keygate.Api.Billing;

/// <summary>The one element of <c>Result</c> (reference 5.2).</summary>
/// <param name="Element">A struct with <c>Status</c>, an array of fields, or an array of rows.</param>
internal sealed record BillingAnswer(XmlRpcValue Element)
{
    /// <summary>ErrorMessage: the answer of changes that have nothing else to say.</summary>
    public static BillingAnswer Done { get; } = Status("Operation done.");

    /// <summary>ErrorMessage with a text of its own.</summary>
    public static BillingAnswer Status(string text) => new(new XmlRpcStruct { ["Status"] = text });

    /// <summary>ItemResult: an array of fields.</summary>
    public static BillingAnswer Item(params ReadOnlySpan<XmlRpcValue> fields) => new(XmlRpcArray.Create(fields));

    /// <summary>ListResult: an array of rows, sorted by the column that the caller named.</summary>
    public static BillingAnswer List(IEnumerable<XmlRpcArray> rows, int sortNo)
    {
        var all = rows.ToList();
        if (sortNo is not (0 or -1 or int.MinValue) && all.Count > 0 && Math.Abs((long)sortNo) <= all[0].Count)
        {
            var column = (int)Math.Abs((long)sortNo) - 1;
            var sorted = all.OrderBy(row => row[column], ByValue.It);
            all = [.. sortNo < 0 ? sorted.Reverse() : sorted];
        }

        var list = new XmlRpcArray();
        all.ForEach(row => list.Add(row));
        return new BillingAnswer(list);
    }

    private sealed class ByValue : IComparer<XmlRpcValue>
    {
        public static readonly ByValue It = new();

        public int Compare(XmlRpcValue x, XmlRpcValue y) => (x.Kind, y.Kind) switch
        {
            (XmlRpcKind.Double, XmlRpcKind.Double) => x.AsDouble().CompareTo(y.AsDouble()),
            (XmlRpcKind.Int, XmlRpcKind.Int) => x.AsInt().CompareTo(y.AsInt()),
            (XmlRpcKind.String, XmlRpcKind.String) => string.CompareOrdinal(x.AsString(), y.AsString()),
            _ => x.Kind.CompareTo(y.Kind),
        };
    }
}
