using System.Globalization;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A host whose processes change with every scrape, each sent as a resource of its own, as a Collector's process scraper does; and the list of what it has sent.</summary>
/// <param name="name">Its <c>host.name</c>.</param>
/// <param name="processes">How many there are at a time.</param>
/// <param name="changing">How many of them are others from one scrape to the next.</param>
internal sealed class ChurningHost(string name, int processes, int changing)
{
    private const long IntervalMicros = 10_000_000;

    // An hour of scrapes ends about now.
    private readonly long _startMicros = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1000;
    private int _scrapes;

    /// <summary>The series of each process.</summary>
    public static IReadOnlyList<(string Metric, string Unit)> Series { get; } = [("process.memory.usage", "By"), ("process.memory.virtual", "By"), ("process.open_file_descriptors", "{count}")];

    /// <summary>Every point so far.</summary>
    public List<MetricPoint> Sent { get; } = [];

    /// <summary>How many processes there were so far.</summary>
    public int ProcessesSeen => processes + (changing * (_scrapes - 1));

    /// <summary>The record of the next scrape, ten seconds after the last one.</summary>
    public byte[] NextRecord()
    {
        long micros = _startMicros + (_scrapes * IntervalMicros);
        // The oldest ones end: which ids there are is a window that moves.
        int firstId = 1000 + (changing * _scrapes);
        _scrapes++;
        using var record = new MemoryStream();
        for (int id = firstId; id < firstId + processes; id++)
        {
            WriteProcess(record, id, micros);
        }

        return record.ToArray();
    }

    private void WriteProcess(MemoryStream record, int id, long micros) => ProtoWriter.WriteMessage(record, 1, resourceMetrics =>
    {
        ProtoWriter.WriteMessage(resourceMetrics, 1, resource =>
        {
            WriteAttribute(resource, "host.name", any => ProtoWriter.WriteString(any, 1, name));
            WriteAttribute(resource, "process.pid", any => ProtoWriter.WriteVarintField(any, 3, (ulong)id));
        });
        ProtoWriter.WriteMessage(resourceMetrics, 2, scopeMetrics =>
        {
            for (int index = 0; index < Series.Count; index++)
            {
                (string metric, string unit) = Series[index];
                double value = (id * 1000) + (index * 100) + (_scrapes % 100);
                Sent.Add(new MetricPoint(name, metric, unit, "gauge", string.Create(CultureInfo.InvariantCulture, $"process.pid={id}"), micros, BitConverter.DoubleToInt64Bits(value)));
                ProtoWriter.WriteMessage(scopeMetrics, 2, body =>
                {
                    ProtoWriter.WriteString(body, 1, metric);
                    ProtoWriter.WriteString(body, 3, unit);
                    ProtoWriter.WriteMessage(body, 5, gauge => ProtoWriter.WriteMessage(gauge, 1, point =>
                    {
                        ProtoWriter.WriteFixed64(point, 3, (ulong)micros * 1000);
                        ProtoWriter.WriteFixed64(point, 4, BitConverter.DoubleToUInt64Bits(value));
                    }));
                });
            }
        });
    });

    private static void WriteAttribute(Stream output, string key, Action<Stream> value) => ProtoWriter.WriteMessage(output, 1, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        ProtoWriter.WriteMessage(attribute, 2, value);
    });
}
