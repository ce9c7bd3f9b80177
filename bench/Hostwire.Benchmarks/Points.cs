using System.Runtime.InteropServices;
using Hostwire.EndToEnd;
using Hostwire.EndToEnd.Drain;
using Hostwire.Sink;

namespace Hostwire.Benchmarks;

/// <summary>Records, what they say, and whether that is what came out of them.</summary>
internal static class Points
{
    /// <summary>The rules that a new database holds.</summary>
    public static FrameRules Rules { get; } = new(240, ["telemetry.*", "process.command_line", "process.command_args"]);

    /// <summary>Records of a fleet in the order in which it sends them, as a consumer gives them, and the points of each.</summary>
    public static (RawRecord[] Records, SentPoint[][] Sent) Make(IRecordShape shape, int hosts, int records)
    {
        var claim = new PartitionClaim(new("t", 0), "c", "i", epoch: 1, nextOffset: 0);
        var points = new List<SentPoint>();
        var raw = new RawRecord[records];
        var sent = new SentPoint[records][];
        long start = 1_700_000_000_000_000;
        for (int number = 0; number < records; number++)
        {
            int host = number % hosts;
            byte[] record = shape.Next(host, start + (number / hosts * 10_000_000L), points).ToArray();
            raw[number] = new RawRecord(claim, number, shape.Key(host) is { } key ? (ReadOnlyMemory<byte>?)key : null, record, TimeMillis: 0);
            sent[number] = [.. points];
        }

        return (raw, sent);
    }

    /// <summary>Gives a number to all that a batch does not know, as a database does.</summary>
    public static void Number(FrameBatch batch, ref int last)
    {
        foreach (DictionaryEntry entry in batch.Unknown)
        {
            entry.Know(++last);
        }
    }

    /// <summary>Decodes as a sink does; whatever is new is numbered.</summary>
    public static void Decode(FrameBatch batch, ReadOnlySpan<RawRecord> records, ref int last)
    {
        batch.Decode(records);
        Number(batch, ref last);
        batch.Arrange();
        Number(batch, ref last);
    }

    /// <summary>Fails where the frames of a batch do not hold exactly what its records say: times, and for each time the values.</summary>
    /// <exception cref="BenchFailedException">They do not.</exception>
    public static void Check(FrameBatch batch, IEnumerable<SentPoint[]> sent)
    {
        if (batch.DeadLetters.Count + batch.Conflicts.Count + batch.DuplicatePoints > 0 || batch.HasValue.Contains(false))
        {
            throw new BenchFailedException("a batch has points that were refused, given twice or without a value");
        }

        // A frame's values stand in the order of its series' numbers, so they are compared as a set: values that are equal by chance may be confused.
        var stored = batch.Frames.Select(frame => (frame.TimeMicros, Values: Sorted(CollectionsMarshal.AsSpan(batch.Values).Slice(frame.Start, frame.Count)))).Order(FrameComparer.Instance);
        var expected = sent.SelectMany(record => record.GroupBy(point => point.TimeMicros)).Select(group => (group.Key, Sorted([.. group.Select(point => point.Value)]))).Order(FrameComparer.Instance);
        if (!stored.SequenceEqual(expected, FrameComparer.Instance))
        {
            throw new BenchFailedException("what was decoded is not what was sent");
        }
    }

    private static double[] Sorted(Span<double> values)
    {
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted;
    }
}
