namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A host that sends records of one shape, and the list of what it has sent.</summary>
/// <param name="name">Its <c>host.name</c>.</param>
/// <param name="seed">Of its values.</param>
/// <param name="startMicros">The time of its first record, in microseconds since 1970; by default an hour ago.</param>
/// <param name="newSeriesEvery">Every so many records each host with the same number here has a series that nobody has sent before; 0: never.</param>
/// <param name="gaugePoints">Points of a record besides the counter's one.</param>
internal sealed class SyntheticHost(string name, int seed, long? startMicros = null, int newSeriesEvery = 0, int gaugePoints = 4)
{
    // Within any retention, and long enough ago that no record lies in the future.
    private readonly long _startMicros = startMicros ?? TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1000;
    private readonly Random _random = new(seed);
    private int _records;

    /// <summary>Its <c>host.name</c>, and the key of its records.</summary>
    public string Name { get; } = name;

    /// <summary>The time of its first record, in microseconds since 1970.</summary>
    public long StartMicros => _startMicros;

    /// <summary>Every point so far.</summary>
    public List<MetricPoint> Sent { get; } = [];

    /// <summary>The next record: some gauges and a counter, a millisecond and a bit after the last one.</summary>
    public byte[] NextRecord()
    {
        int sequence = _records++;
        long micros = _startMicros + (sequence * 1_001L);
        double[] gauges = [.. Enumerable.Range(0, gaugePoints).Select(_ => _random.NextDouble() * 1e6)];
        for (int i = 0; i < gaugePoints; i++)
        {
            Sent.Add(new MetricPoint(Name, "rig.gauge", "By", "gauge", $"n=\"{i}\"", micros, BitConverter.DoubleToInt64Bits(gauges[i])));
        }

        Sent.Add(new MetricPoint(Name, "rig.count", "{records}", "counter", "", micros, BitConverter.DoubleToInt64Bits(sequence)));
        int? novelty = newSeriesEvery > 0 && sequence % newSeriesEvery == 0 ? sequence / newSeriesEvery : null;
        if (novelty is { } number)
        {
            Sent.Add(new MetricPoint(Name, "rig.new", "1", "gauge", $"n=\"{number}\"", micros, BitConverter.DoubleToInt64Bits(gauges[0])));
        }

        return Encode(micros, gauges, sequence, novelty);
    }

    // ExportMetricsServiceRequest > ResourceMetrics > ScopeMetrics > Metric > Gauge or Sum > NumberDataPoint, by the field numbers of opentelemetry-proto.
    private byte[] Encode(long micros, double[] gauges, int sequence, int? novelty)
    {
        using var record = new MemoryStream();
        ProtoWriter.WriteMessage(record, 1, resourceMetrics =>
        {
            ProtoWriter.WriteMessage(resourceMetrics, 1, resource => WriteAttribute(resource, 1, "host.name", Name));
            ProtoWriter.WriteMessage(resourceMetrics, 2, scopeMetrics =>
            {
                if (gauges.Length > 0)
                {
                    WriteGauge(scopeMetrics, "rig.gauge", "By", micros, [.. gauges.Select((value, i) => (i, value))]);
                }

                if (novelty is { } number)
                {
                    WriteGauge(scopeMetrics, "rig.new", "1", micros, [(number, gauges[0])]);
                }

                ProtoWriter.WriteMessage(scopeMetrics, 2, metric =>
                {
                    ProtoWriter.WriteString(metric, 1, "rig.count");
                    ProtoWriter.WriteString(metric, 3, "{records}");
                    ProtoWriter.WriteMessage(metric, 7, sum =>
                    {
                        ProtoWriter.WriteMessage(sum, 1, point =>
                        {
                            ProtoWriter.WriteFixed64(point, 3, (ulong)micros * 1000);
                            ProtoWriter.WriteFixed64(point, 6, (ulong)sequence);
                        });
                        ProtoWriter.WriteVarintField(sum, 2, 2);
                        ProtoWriter.WriteVarintField(sum, 3, 1);
                    });
                });
            });
        });
        return record.ToArray();
    }

    private static void WriteGauge(Stream output, string name, string unit, long micros, (int N, double Value)[] points) => ProtoWriter.WriteMessage(output, 2, metric =>
    {
        ProtoWriter.WriteString(metric, 1, name);
        ProtoWriter.WriteString(metric, 3, unit);
        ProtoWriter.WriteMessage(metric, 5, gauge =>
        {
            foreach ((int n, double value) in points)
            {
                ProtoWriter.WriteMessage(gauge, 1, point =>
                {
                    ProtoWriter.WriteFixed64(point, 3, (ulong)micros * 1000);
                    ProtoWriter.WriteFixed64(point, 4, BitConverter.DoubleToUInt64Bits(value));
                    WriteAttribute(point, 7, "n", n.ToString(System.Globalization.CultureInfo.InvariantCulture));
                });
            }
        });
    });

    private static void WriteAttribute(Stream output, int field, string key, string value) => ProtoWriter.WriteMessage(output, field, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        ProtoWriter.WriteMessage(attribute, 2, any => ProtoWriter.WriteString(any, 1, value));
    });
}
