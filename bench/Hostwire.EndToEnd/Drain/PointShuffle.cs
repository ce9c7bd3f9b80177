using System.Text;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.EndToEnd.Drain;

/// <summary>Rewrites a Collector's record as the same Collector would send it another time: the points of each metric in another order. Its resources get a name of a host.</summary>
internal static class PointShuffle
{
    private const int RequestResources = 1;
    private const int ResourceMetricsResource = 1;
    private const int ResourceMetricsScopes = 2;
    private const int ScopeMetrics = 2;
    private const int Points = 1;

    /// <summary>Rewrites it.</summary>
    public static byte[] Shuffle(byte[] record, string host, Random random)
    {
        using var output = new MemoryStream(record.Length + 1024);
        ForEach(record, 0, record.Length, output, (number, start, end, to) => number == RequestResources && Write(to, number, into => ShuffleResource(record, start, end, host, random, into)));
        return output.ToArray();
    }

    private static void ShuffleResource(byte[] record, int start, int end, string host, Random random, Stream output)
    {
        ForEach(record, start, end, output, (number, from, until, to) => number switch
        {
            // What the Collector's resource detector for systems adds.
            ResourceMetricsResource => Write(to, number, resource =>
            {
                WriteAttribute(resource, "host.name", host);
                WriteAttribute(resource, "os.type", "linux");
            }),
            ResourceMetricsScopes => Write(to, number, scope => ForEach(record, from, until, scope, (inner, metricStart, metricEnd, into) =>
                inner == ScopeMetrics && Write(into, inner, metric => ForEach(record, metricStart, metricEnd, metric, (field, dataStart, dataEnd, data) =>
                    field is 5 or 7 && Write(data, field, body => ShufflePoints(record, dataStart, dataEnd, random, body)))))),
            _ => false,
        });
    }

    private static void ShufflePoints(byte[] record, int start, int end, Random random, Stream output)
    {
        var points = new List<(int Start, int End)>();
        var others = new List<(int Start, int End)>();
        var fields = new WireFields(record, start, end);
        while (fields.Next())
        {
            (fields.Number == Points ? points : others).Add((fields.FieldStart, fields.End));
        }

        (int Start, int End)[] shuffled = [.. points];
        random.Shuffle(shuffled);
        foreach ((int from, int until) in shuffled.Concat(others))
        {
            output.Write(record, from, until - from);
        }
    }

    /// <summary>Copies the fields of a message, but for those that <paramref name="rewrite"/> says it has written itself.</summary>
    private static void ForEach(byte[] record, int start, int end, Stream output, Func<int, int, int, Stream, bool> rewrite)
    {
        var fields = new WireFields(record, start, end);
        while (fields.Next())
        {
            if (!rewrite(fields.Number, fields.Start, fields.End, output))
            {
                output.Write(record, fields.FieldStart, fields.End - fields.FieldStart);
            }
        }
    }

    private static bool Write(Stream output, int field, Action<Stream> content)
    {
        ProtoWriter.WriteMessage(output, field, content);
        return true;
    }

    private static void WriteAttribute(Stream output, string key, string value) => ProtoWriter.WriteMessage(output, 1, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        ProtoWriter.WriteMessage(attribute, 2, any => any.Write([0x0A, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]));
    });
}
