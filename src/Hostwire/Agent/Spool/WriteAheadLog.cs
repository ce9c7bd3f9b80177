using System.Buffers.Binary;

namespace Hostwire.Agent.Spool;

/// <summary>Looks into SQLite's log before SQLite does: a damaged frame ends it there, without a word about what was committed behind.</summary>
/// <remarks>
/// The format is SQLite's own, the same since 2010: a header of 32 bytes, then frames of 24 bytes and a page. All frames of one log have the two salts of its
/// header; those behind them are of an older one. Of a transaction's frames the last one has the size of the database in it, all others 0.
/// </remarks>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const int SaltAt = 16;
    private const int SaltAtInFrame = 8;
    private const uint Magic = 0x377F0682;
    private const int DefaultPageBytes = 4096;
    private const int PageBytesMin = 512;
    private const int PageBytesMax = 65_536;

    /// <summary>The number of the last frame that ends a transaction, damaged frames before it or not; 0 where there is none, or no log.</summary>
    public static long LastCommit(string path)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        using FileStream log = File.OpenRead(path);
        return LastCommit(log);
    }

    /// <inheritdoc cref="LastCommit(string)"/>
    internal static long LastCommit(Stream log)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> frame = stackalloc byte[FrameHeaderBytes];
        if (log.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return 0;
        }

        bool isSound = IsSound(header);
        int pageBytes = isSound ? BinaryPrimitives.ReadInt32BigEndian(header[8..]) : DefaultPageBytes;
        if (pageBytes is < PageBytesMin or > PageBytesMax)
        {
            // Nothing that SQLite wrote; a page of less than nothing would be read for ever.
            return 0;
        }

        ulong salts = BinaryPrimitives.ReadUInt64BigEndian(header[SaltAt..]);
        long last = 0;
        for (long number = 1; log.ReadAtLeast(frame, FrameHeaderBytes, throwOnEndOfStream: false) == FrameHeaderBytes; number++)
        {
            // Where not even the header makes sense, SQLite reads nothing of it: whatever there is is lost.
            bool isOurs = !isSound || BinaryPrimitives.ReadUInt64BigEndian(frame[SaltAtInFrame..]) == salts;
            log.Seek(pageBytes, SeekOrigin.Current);
            if (isOurs && BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0 && log.Position <= log.Length)
            {
                last = number;
            }
        }

        return last;
    }

    /// <summary>Whether the header is what was written: its last 8 bytes are a checksum of the others.</summary>
    private static bool IsSound(ReadOnlySpan<byte> header)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint first = 0;
        uint second = 0;
        for (int at = 0; at < HeaderBytes - 8; at += 8)
        {
            first += Word(header[at..], magic) + second;
            second += Word(header[(at + 4)..], magic) + first;
        }

        return (magic & ~1u) == Magic && BinaryPrimitives.ReadUInt32BigEndian(header[24..]) == first && BinaryPrimitives.ReadUInt32BigEndian(header[28..]) == second;
    }

    // The checksum is of the words as the machine that made the log had them; the last bit of the magic says which kind that was.
    private static uint Word(ReadOnlySpan<byte> bytes, uint magic) =>
        (magic & 1) == 1 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
