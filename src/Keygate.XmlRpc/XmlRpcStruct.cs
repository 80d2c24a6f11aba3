using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Keygate.XmlRpc;

/// <summary>
/// Named values, in the order in which they were added; names are unique. Filled by an initializer
/// (<c>new XmlRpcStruct { ["resultCode"] = 100 }</c>); setting a member to nil leaves it out, since the classic APIs say an absent
/// value by an absent member. Not safe for writing from several threads.
/// </summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "Struct is the word of XML-RPC.")]
public sealed class XmlRpcStruct : IReadOnlyCollection<KeyValuePair<string, XmlRpcValue>>, IEquatable<XmlRpcStruct>
{
    // A struct of the wire has a handful of members: comparing names one by one is faster than hashing, up to about here.
    private const int LinearMax = 12;

    private KeyValuePair<string, XmlRpcValue>[] _members = [];
    private int _count;
    private Dictionary<string, int>? _index;

    /// <summary>How many members there are.</summary>
    public int Count => _count;

    /// <summary>
    /// The member of that name. Getting throws <see cref="XmlRpcTypeException"/> when there is none; setting replaces it in its place,
    /// adds it at the end, or for nil leaves it out.
    /// </summary>
    public XmlRpcValue this[string name]
    {
        get => TryGet(name, out var value) ? value : throw new XmlRpcTypeException($"Member '{name}' is missing.");
        set => Set(name, value);
    }

    /// <summary>The member of that name, or nil.</summary>
    public XmlRpcValue GetOrNil(string name) => TryGet(name, out var value) ? value : default;

    /// <summary>The member of that name, if there is one.</summary>
    public bool TryGet(string name, out XmlRpcValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var at = Find(name);
        value = at >= 0 ? _members[at].Value : default;
        return at >= 0;
    }

    /// <summary>The string member of that name; false when it is missing or of another type.</summary>
    public bool TryGetString(string name, [NotNullWhen(true)] out string? value) => GetOrNil(name).TryGetString(out value);

    /// <summary>True when a member has that name.</summary>
    public bool Contains(string name) => Find(name) >= 0;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, XmlRpcValue>> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            yield return _members[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same members with the same values; the order does not count.</summary>
    public bool Equals(XmlRpcStruct? other)
    {
        if (other is null || other._count != _count)
        {
            return false;
        }

        foreach (var member in Members)
        {
            if (!other.TryGet(member.Key, out var value) || value != member.Value)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XmlRpcStruct);

    /// <inheritdoc/>
    public override int GetHashCode() => _count;

    internal ReadOnlySpan<KeyValuePair<string, XmlRpcValue>> Members => _members.AsSpan(0, _count);

    /// <summary>Adds what was read from the wire, nil included; false when the name is there already.</summary>
    internal bool TryAdd(string name, XmlRpcValue value)
    {
        if (Find(name) >= 0)
        {
            return false;
        }

        Append(name, value);
        return true;
    }

    private void Set(string name, XmlRpcValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var at = Find(name);
        if (value.IsNil)
        {
            if (at >= 0)
            {
                Remove(at);
            }
        }
        else if (at >= 0)
        {
            _members[at] = new(name, value);
        }
        else
        {
            Append(name, value);
        }
    }

    private void Append(string name, XmlRpcValue value)
    {
        if (_count == _members.Length)
        {
            Array.Resize(ref _members, Math.Max(4, _count * 2));
        }

        _members[_count] = new(name, value);
        _index?.Add(name, _count);
        _count++;
    }

    private void Remove(int at)
    {
        _count--;
        Array.Copy(_members, at + 1, _members, at, _count - at);
        _members[_count] = default;
        _index = null;
    }

    private int Find(string name)
    {
        if (_count <= LinearMax)
        {
            for (var i = 0; i < _count; i++)
            {
                if (string.Equals(_members[i].Key, name, StringComparison.Ordinal))
                {
                    return i;
                }
            }

            return -1;
        }

        if (_index is null)
        {
            _index = new Dictionary<string, int>(_count * 2, StringComparer.Ordinal);
            for (var i = 0; i < _count; i++)
            {
                _index.Add(_members[i].Key, i);
            }
        }

        return _index.TryGetValue(name, out var at) ? at : -1;
    }
}
