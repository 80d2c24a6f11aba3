using System.Buffers;

namespace Keygate.XmlRpc;

/// <summary>A growing buffer of pooled memory, wiped when it is given back, since messages carry passwords.</summary>
public sealed class XmlRpcBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes;
    private int _length;

    /// <summary>A buffer with room for that many bytes at first.</summary>
    public XmlRpcBuffer(int capacity = 2048) => _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>What was written. Valid until the buffer is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>What was written. Valid until the buffer is disposed.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Forgets what was written, and keeps the memory.</summary>
    public void Clear()
    {
        _bytes.AsSpan(0, _length).Clear();
        _length = 0;
    }

    /// <summary>Wipes the memory and gives it back.</summary>
    public void Dispose()
    {
        var bytes = _bytes;
        Clear();
        _bytes = [];
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_bytes.Length - _length >= size)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + size), _bytes.Length * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        var old = _bytes;
        old.AsSpan(0, _length).Clear();
        _bytes = larger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
