using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Keygate.Testing;

/// <summary>
/// Feeds a reader with documents made from good ones: bytes changed, pieces cut, doubled and exchanged, words of the format thrown in. The same
/// seed gives the same documents.
/// </summary>
public sealed class Fuzz
{
    private const int LengthMax = 256 << 10;
    private readonly Random _random;
    private readonly IReadOnlyList<byte[]> _corpus;
    private readonly IReadOnlyList<byte[]> _words;

    /// <summary>A fuzzer.</summary>
    /// <param name="seed">Decides all that follows.</param>
    /// <param name="corpus">Good documents to start from.</param>
    /// <param name="words">Words of the format, and values at its edges.</param>
    public Fuzz(int seed, IEnumerable<string> corpus, IEnumerable<string> words)
    {
        _random = new Random(seed);
        _corpus = [.. corpus.Select(Encoding.UTF8.GetBytes)];
        _words = [.. words.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The next document.</summary>
    public byte[] Next()
    {
        var document = new List<byte>(Pick(_corpus));
        for (var changes = _random.Next(1, 2 + _random.Next(8)); changes > 0 && document.Count < LengthMax; changes--)
        {
            Change(document);
        }

        return [.. document];
    }

    /// <summary>
    /// Gives a number of documents to a reader and measures each: an exception that the reader does not document, a document that takes longer or
    /// allocates more than its bounds, ends the run with the seed and the document.
    /// </summary>
    /// <param name="seed">Decides the documents.</param>
    /// <param name="corpus">Good documents.</param>
    /// <param name="words">Words of the format.</param>
    /// <param name="until">Ends the run: the number of documents so far, the time so far.</param>
    /// <param name="read">Reads one document; throws only for a fault.</param>
    /// <param name="bytesMax">Most bytes that reading one document may allocate.</param>
    /// <returns>How many documents were read.</returns>
    public static int Run(int seed, IReadOnlyList<string> corpus, IReadOnlyList<string> words, Func<int, TimeSpan, bool> until, Action<byte[]> read, long bytesMax)
    {
        var fuzz = new Fuzz(seed, corpus, words);
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; !until(count, clock.Elapsed); count++)
        {
            var document = fuzz.Next();
            var (at, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                read(document);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{Name(seed, count)} made the reader throw {e.GetType().Name}: {e.Message}\n{Shown(document)}", e);
            }

            // A machine that is busy may hold a thread for a while; a reader that is quadratic takes minutes.
            var took = Stopwatch.GetElapsedTime(at);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (took > TimeSpan.FromSeconds(5) || allocated > bytesMax)
            {
                throw new InvalidOperationException($"{Name(seed, count)} took {took.TotalSeconds:0.0} s and {allocated} bytes.\n{Shown(document)}");
            }
        }

        return count;
    }

    private void Change(List<byte> document)
    {
        var at = _random.Next(document.Count + 1);
        var length = Math.Min(document.Count - at, 1 + _random.Next(_random.Next(4) == 0 ? 400 : 20));
        switch (_random.Next(8))
        {
            case 0 when at < document.Count:
                document[at] = (byte)_random.Next(256);
                break;
            case 1 when at < document.Count:
                document[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                document.RemoveRange(at, length);
                break;
            case 3:
                document.InsertRange(at, document.GetRange(at, length));
                break;
            case 4:
                Repeat(document, at, document.GetRange(at, length));
                break;
            case 5:
                document.InsertRange(at, Piece(Pick(_corpus)));
                break;
            case 6:
                document.RemoveRange(at, length);
                document.InsertRange(at, Pick(_words));
                break;
            default:
                document.InsertRange(at, Pick(_words));
                break;
        }
    }

    private void Repeat(List<byte> document, int at, List<byte> piece)
    {
        var times = Math.Min(_random.Next(3) == 0 ? _random.Next(5_000) : _random.Next(20), (LengthMax - document.Count) / Math.Max(1, piece.Count));
        document.InsertRange(at, [.. Enumerable.Repeat(piece, Math.Max(0, times)).SelectMany(p => p)]);
    }

    private ArraySegment<byte> Piece(byte[] of)
    {
        var at = _random.Next(of.Length);
        return new(of, at, _random.Next(of.Length - at));
    }

    private byte[] Pick(IReadOnlyList<byte[]> of) => of[_random.Next(of.Count)];

    private static string Name(int seed, int count) => string.Create(CultureInfo.InvariantCulture, $"Seed {seed}, document {count}");

    private static string Shown(byte[] document) => Encoding.UTF8.GetString(document.AsSpan(0, Math.Min(document.Length, 4_000)));
}
