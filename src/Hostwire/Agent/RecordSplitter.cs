using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Hostwire.Otlp;

namespace Hostwire.Agent;

/// <summary>Makes two OTLP records of one that is too large for the topic: each has half of the metrics, under the same resource and scope.</summary>
/// <remarks>It works on the bytes, because that is what the queue holds. A metric is not divided: a record of a single one cannot be split.</remarks>
internal static class RecordSplitter
{
    // The way down to the metrics: a request's resource metrics, their scope metrics, and the metrics of those.
    private static readonly uint[] Path = [OtlpTag.RequestResourceMetrics, OtlpTag.ResourceMetricsScopeMetrics, OtlpTag.ScopeMetricsMetrics];

    /// <summary>Splits a record; false where it has less than two metrics, or is no OTLP.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> record, [NotNullWhen(true)] out byte[]? first, [NotNullWhen(true)] out byte[]? second)
    {
        first = second = null;
        var part = new Part { EndByte = record.Length };
        if (!TryCopy(record, ref part, out _) || part.Metrics < 2)
        {
            return false;
        }

        // By where a metric begins; the first half has the first one at least, the second the last.
        int middle = Math.Clamp(record.Length / 2, part.FirstStart + 1, part.LastStart);
        var head = new Part { EndByte = middle };
        var tail = new Part { StartByte = middle, EndByte = record.Length };
        return TryCopy(record, ref head, out first) && TryCopy(record, ref tail, out second);
    }

    private static bool TryCopy(ReadOnlySpan<byte> record, ref Part part, [NotNullWhen(true)] out byte[]? copy)
    {
        var reader = new WireReader(record);
        var output = new ArrayBufferWriter<byte>();
        copy = Copy(record, ref reader, depth: 0, ref part, output) && reader.IsOk ? output.WrittenSpan.ToArray() : null;
        return copy is not null;
    }

    /// <summary>Copies a message with those of its metrics that begin within the part; false if there are none.</summary>
    private static bool Copy(ReadOnlySpan<byte> record, ref WireReader reader, int depth, ref Part part, ArrayBufferWriter<byte> output)
    {
        bool hasMetrics = false;
        int start = reader.Position;
        for (; reader.Next(out uint tag); start = reader.Position)
        {
            if (tag != Path[depth])
            {
                reader.Skip(tag);
                output.Write(record[start..reader.Position]);
            }
            else if (depth < Path.Length - 1)
            {
                var inner = new ArrayBufferWriter<byte>();
                int outerEnd = reader.Enter();
                bool innerHasMetrics = Copy(record, ref reader, depth + 1, ref part, inner);
                reader.Leave(outerEnd);
                if (innerHasMetrics)
                {
                    hasMetrics = true;
                    WriteVarint(output, tag);
                    WriteVarint(output, (uint)inner.WrittenCount);
                    output.Write(inner.WrittenSpan);
                }
            }
            else
            {
                reader.Skip(tag);
                part.FirstStart = part.Metrics == 0 ? start : part.FirstStart;
                part.LastStart = start;
                part.Metrics++;
                if (start >= part.StartByte && start < part.EndByte)
                {
                    hasMetrics = true;
                    output.Write(record[start..reader.Position]);
                }
            }
        }

        return hasMetrics;
    }

    private static void WriteVarint(ArrayBufferWriter<byte> output, uint value)
    {
        Span<byte> bytes = output.GetSpan(5);
        int length = 0;
        while (value >= 0x80)
        {
            bytes[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[length++] = (byte)value;
        output.Advance(length);
    }

    /// <summary>Which metrics are wanted, and what was met on the way.</summary>
    private struct Part
    {
        /// <summary>A metric belongs to the part if it begins here or later.</summary>
        public int StartByte { get; init; }

        /// <summary>A metric belongs to the part if it begins before this.</summary>
        public int EndByte { get; init; }

        /// <summary>How many metrics there are, wanted or not.</summary>
        public int Metrics { get; set; }

        /// <summary>Where the first of them begins.</summary>
        public int FirstStart { get; set; }

        /// <summary>Where the last of them begins.</summary>
        public int LastStart { get; set; }
    }
}
