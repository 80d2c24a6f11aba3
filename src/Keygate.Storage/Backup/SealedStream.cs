using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Keygate.Storage;

/// <summary>
/// Writes a file that only a passphrase opens: PBKDF2-SHA256, then AES-256-GCM over pieces of 64 KiB, each bound to its place and the last one marked, so that
/// a piece that is changed, moved or cut off is noticed.
/// </summary>
internal sealed class SealingStream : Stream
{
    public const int PieceLength = 64 * 1024, TagLength = 16, SaltLength = 16;
    public static readonly byte[] Magic = "KEYGATE1"u8.ToArray();
    private readonly Stream _to;
    private readonly AesGcm _aes;
    private readonly byte[] _piece = new byte[PieceLength];
    private int _filled;
    private long _number;
    private bool _ended;

    private SealingStream(Stream to, AesGcm aes) => (_to, _aes) = (to, aes);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static SealingStream Begin(Stream to, string passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        to.Write(Magic);
        to.Write(salt);
        return new SealingStream(to, Cipher(passphrase, salt));
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            // A full piece waits until it is known whether it is the last one.
            if (_filled == PieceLength)
            {
                WritePiece(last: false);
            }

            var part = Math.Min(buffer.Length, PieceLength - _filled);
            buffer[..part].CopyTo(_piece.AsSpan(_filled));
            _filled += part;
            buffer = buffer[part..];
        }
    }

    /// <summary>Writes the last piece; without it the file is not whole.</summary>
    public void End()
    {
        WritePiece(last: true);
        _ended = true;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    internal static AesGcm Cipher(string passphrase, byte[] salt) =>
        new(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase.Normalize()), salt, 600_000, HashAlgorithmName.SHA256, 32), TagLength);

    // Each file has a key of its own, so a counter is a nonce.
    internal static byte[] Nonce(long number, bool last)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce, number);
        nonce[11] = last ? (byte)1 : (byte)0;
        return nonce;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
        }

        base.Dispose(disposing);
    }

    private void WritePiece(bool last)
    {
        if (_ended)
        {
            throw new InvalidOperationException("The file has ended.");
        }

        var sealed_ = new byte[4 + _filled + TagLength];
        BinaryPrimitives.WriteInt32BigEndian(sealed_, last ? -_filled - 1 : _filled);
        _aes.Encrypt(Nonce(_number++, last), _piece.AsSpan(0, _filled), sealed_.AsSpan(4, _filled), sealed_.AsSpan(4 + _filled));
        _to.Write(sealed_);
        _filled = 0;
    }
}

/// <summary>Reads what <see cref="SealingStream"/> wrote. Throws <see cref="CryptographicException"/> for another passphrase or another file, <see cref="EndOfStreamException"/> where it is cut off.</summary>
internal sealed class UnsealingStream : Stream
{
    private readonly Stream _from;
    private readonly AesGcm _aes;
    private byte[] _piece = [];
    private int _read;
    private long _number;
    private bool _last;

    private UnsealingStream(Stream from, AesGcm aes) => (_from, _aes) = (from, aes);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static UnsealingStream Begin(Stream from, string passphrase)
    {
        var head = new byte[SealingStream.Magic.Length + SealingStream.SaltLength];
        if (from.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.AsSpan(0, SealingStream.Magic.Length).SequenceEqual(SealingStream.Magic))
        {
            throw new InvalidDataException("It is no backup of Keygate's.");
        }

        return new UnsealingStream(from, SealingStream.Cipher(passphrase, head[SealingStream.Magic.Length..]));
    }

    /// <summary>True where nothing follows the last piece.</summary>
    public bool IsAtEnd() => _last && _from.ReadByte() == -1;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_read == _piece.Length && !_last)
        {
            ReadPiece();
        }

        var part = Math.Min(buffer.Length, _piece.Length - _read);
        _piece.AsSpan(_read, part).CopyTo(buffer);
        _read += part;
        return part;
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            _from.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ReadPiece()
    {
        var said = new byte[4];
        _from.ReadExactly(said);
        var length = BinaryPrimitives.ReadInt32BigEndian(said);
        _last = length < 0;
        length = _last ? -length - 1 : length;
        if (length is < 0 or > SealingStream.PieceLength)
        {
            throw new CryptographicException("A piece has no length that can be.");
        }

        var sealed_ = new byte[length + SealingStream.TagLength];
        _from.ReadExactly(sealed_);
        (_piece, _read) = (new byte[length], 0);
        _aes.Decrypt(SealingStream.Nonce(_number++, _last), sealed_.AsSpan(0, length), sealed_.AsSpan(length), _piece);
    }
}
