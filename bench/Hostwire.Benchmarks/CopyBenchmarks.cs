using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Hostwire.EndToEnd;
using Hostwire.EndToEnd.Drain;
using Hostwire.Sink;
using Hostwire.Store;

namespace Hostwire.Benchmarks;

/// <summary>From frames to the bytes of a COPY. An operation is a point.</summary>
public class CopyBenchmarks
{
    private const int AgentPoints = 100;
    private const int Frames = 100;

    // PostgreSQL counts from 2000-01-01.
    private const long EpochMicros = 946_684_800_000_000;
    private const int HeaderBytes = 19;

    private readonly FrameCopy _copy = new();
    private readonly int[] _places = [.. Enumerable.Range(0, Frames)];
    private FrameBatch _batch = null!;

    /// <summary>A batch of frames; the rows that are written are read again and hold their times and values.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _batch = new FrameBatch(new SeriesCache(Points.Rules), Points.Rules);
        (RawRecord[] records, SentPoint[][] sent) = Points.Make(new AgentShape(Frames, DateTimeOffset.UnixEpoch.AddDays(20_000)), Frames, Frames);
        int last = 0;
        Points.Decode(_batch, records, ref last);
        Points.Check(_batch, sent);
        Encode();
        Check(_copy.Encoded.Span);
    }

    /// <summary>Encodes them.</summary>
    [Benchmark(OperationsPerInvoke = Frames * AgentPoints)]
    public int Encode()
    {
        _copy.Encode(_batch, _places, withOrdinals: false);
        return _copy.Encoded.Length;
    }

    private void Check(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[HeaderBytes..];
        foreach (Frame frame in _batch.Frames)
        {
            bool isRight = Int16(ref bytes) == 5
                && Int32(ref bytes) == sizeof(long) && Int64(ref bytes) == frame.TimeMicros - EpochMicros
                && Int32(ref bytes) == sizeof(int) && Int32(ref bytes) == frame.Host.Id
                && Int32(ref bytes) == sizeof(int) && Int32(ref bytes) == frame.Layout.Id
                && Int32(ref bytes) == sizeof(short) && Int16(ref bytes) == frame.Slot
                && Int32(ref bytes) == (5 * sizeof(int)) + (frame.Count * (sizeof(int) + sizeof(double)))
                && Int32(ref bytes) == 1 && Int32(ref bytes) == 0 && Int32(ref bytes) == 701 && Int32(ref bytes) == frame.Count && Int32(ref bytes) == 1;
            for (int index = 0; index < frame.Count; index++)
            {
                isRight = isRight && Int32(ref bytes) == sizeof(double) && Int64(ref bytes) == BitConverter.DoubleToInt64Bits(_batch.Values[frame.Start + index]);
            }

            if (!isRight)
            {
                throw new BenchFailedException("the rows are not the frames");
            }
        }

        if (Int16(ref bytes) != -1 || !bytes.IsEmpty)
        {
            throw new BenchFailedException("the rows do not end where they should");
        }
    }

    private static short Int16(ref ReadOnlySpan<byte> bytes)
    {
        short value = BinaryPrimitives.ReadInt16BigEndian(bytes);
        bytes = bytes[sizeof(short)..];
        return value;
    }

    private static int Int32(ref ReadOnlySpan<byte> bytes)
    {
        int value = BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }

    private static long Int64(ref ReadOnlySpan<byte> bytes)
    {
        long value = BinaryPrimitives.ReadInt64BigEndian(bytes);
        bytes = bytes[sizeof(long)..];
        return value;
    }
}
