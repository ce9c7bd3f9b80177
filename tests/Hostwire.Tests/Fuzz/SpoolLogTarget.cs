using System.Buffers.Binary;
using CsCheck;
using Hostwire.Agent.Spool;

namespace Hostwire.Tests.Fuzz;

/// <summary>The spool's log as we read it before SQLite does: the last commit is the one that a plain reading of the format finds, whatever is in the log.</summary>
internal sealed class SpoolLogTarget : FuzzTarget
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    private static readonly byte[] Sound = Make();

    protected override byte[][] Originals => [Sound];

    public override void Check(byte[] input)
    {
        using var log = new MemoryStream(input);
        Assert.Equal(Expected(input), WriteAheadLog.LastCommit(log));
    }

    // Damage to the header would nearly always be seen by its checksum: so now and then that is put right again.
    protected override byte[] Other(PCG random)
    {
        byte[] log = Sound[..(int)random.Next((uint)Sound.Length + 1)];
        for (uint count = random.Next(4); count > 0 && log.Length > 0; count--)
        {
            int at = random.Next(2) == 0 ? (int)random.Next((uint)Math.Min(log.Length, HeaderBytes + FrameHeaderBytes)) : (int)random.Next((uint)log.Length);
            log[at] = (byte)random.Next(256);
        }

        if (log.Length >= HeaderBytes && random.Next(2) == 0)
        {
            if (random.Next(2) == 0)
            {
                BinaryPrimitives.WriteInt32BigEndian(log.AsSpan(8), (int)(random.Next(2) == 0 ? 512u << (int)random.Next(8) : random.Next(uint.MaxValue)));
            }

            (uint first, uint second) = Checksum(log);
            BinaryPrimitives.WriteUInt32BigEndian(log.AsSpan(24), first);
            BinaryPrimitives.WriteUInt32BigEndian(log.AsSpan(28), second);
        }

        return log;
    }

    /// <summary>By the description of the format: https://www.sqlite.org/walformat.html.</summary>
    private static long Expected(byte[] log)
    {
        if (log.Length < HeaderBytes)
        {
            return 0;
        }

        uint magic = BinaryPrimitives.ReadUInt32BigEndian(log);
        bool isSound = magic is 0x377f0682 or 0x377f0683
            && Checksum(log) == (BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(24)), BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(28)));
        uint page = isSound ? BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(8)) : 4096;
        if (page is < 512 or > 65_536)
        {
            return 0;
        }

        int frameBytes = FrameHeaderBytes + (int)page;
        int frames = (log.Length - HeaderBytes) / frameBytes;
        Span<byte> salts = log.AsSpan(16, 8);
        for (int number = frames; number > 0; number--)
        {
            Span<byte> frame = log.AsSpan(HeaderBytes + ((number - 1) * frameBytes), FrameHeaderBytes);
            if ((!isSound || frame[8..16].SequenceEqual(salts)) && frame[4..8].IndexOfAnyExcept((byte)0) >= 0)
            {
                return number;
            }
        }

        return 0;
    }

    private static (uint First, uint Second) Checksum(byte[] log)
    {
        bool isBig = (log[3] & 1) == 1;
        uint first = 0;
        uint second = 0;
        for (int at = 0; at < 24; at += 8)
        {
            first += Word(at) + second;
            second += Word(at + 4) + first;
        }

        return (first, second);

        uint Word(int at) => isBig ? BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(at));
    }

    private static byte[] Make()
    {
        string folder = Directory.CreateTempSubdirectory("hostwire-fuzz-").FullName;
        try
        {
            string path = Path.Combine(folder, "spool.db");
            using SpoolQueue queue = SpoolTarget.Open(path);
            for (int number = 0; number < 3; number++)
            {
                queue.Add(new byte[200]);
                queue.Step();
            }

            // SQLite has it locked, which does not keep anybody from reading.
            using FileStream log = new(path + SpoolFile.LogSuffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[log.Length];
            log.ReadExactly(bytes);
            return bytes;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
