using System.Collections;
using System.Runtime.CompilerServices;

namespace Keygate.XmlRpc;

/// <summary>Values in order. Made by a collection expression (<c>XmlRpcArray plans = ["30_DOMAINS"]</c>), an initializer or
/// <see cref="Of(IEnumerable{string})"/>. Not safe for writing from several threads.</summary>
[CollectionBuilder(typeof(XmlRpcArray), nameof(Create))]
public sealed class XmlRpcArray : IReadOnlyList<XmlRpcValue>, IEquatable<XmlRpcArray>
{
    private XmlRpcValue[] _items;
    private int _count;

    /// <summary>An array without items.</summary>
    public XmlRpcArray() => _items = [];

    private XmlRpcArray(XmlRpcValue[] items) => (_items, _count) = (items, items.Length);

    /// <summary>How many items there are.</summary>
    public int Count => _count;

    /// <summary>The item at that place.</summary>
    public XmlRpcValue this[int index] => _items.AsSpan(0, _count)[index];

    /// <summary>An array of these values.</summary>
    public static XmlRpcArray Create(params ReadOnlySpan<XmlRpcValue> items) => new(items.ToArray());

    /// <summary>An array of strings.</summary>
    public static XmlRpcArray Of(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var array = new XmlRpcArray();
        foreach (var text in texts)
        {
            array.Add(text);
        }

        return array;
    }

    /// <summary>Adds an item at the end.</summary>
    public void Add(XmlRpcValue item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, _count * 2));
        }

        _items[_count++] = item;
    }

    /// <inheritdoc/>
    public IEnumerator<XmlRpcValue> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            yield return _items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same values in the same order.</summary>
    public bool Equals(XmlRpcArray? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XmlRpcArray);

    /// <inheritdoc/>
    public override int GetHashCode() => _count;

    internal ReadOnlySpan<XmlRpcValue> Items => _items.AsSpan(0, _count);
}
