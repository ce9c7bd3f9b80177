namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A host that sends records of one shape, and the list of what it has sent.</summary>
/// <param name="name">Its <c>host.name</c>.</param>
/// <param name="seed">Of its values.</param>
/// <param name="startMicros">The time of its first record, in microseconds since 1970; by default an hour ago.</param>
internal sealed class SyntheticHost(string name, int seed, long? startMicros = null)
{
    private const int Gauges = 4;

    // Within any retention, and long enough ago that no record lies in the future.
    private readonly long _startMicros = startMicros ?? TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds() * 1000;
    private readonly Random _random = new(seed);

    /// <summary>Its <c>host.name</c>, and the key of its records.</summary>
    public string Name { get; } = name;

    /// <summary>The time of its first record, in microseconds since 1970.</summary>
    public long StartMicros => _startMicros;

    /// <summary>Every point so far.</summary>
    public List<MetricPoint> Sent { get; } = [];

    /// <summary>The next record: some gauges and a counter, a millisecond and a bit after the last one.</summary>
    public byte[] NextRecord()
    {
        int sequence = Sent.Count / (Gauges + 1);
        long micros = _startMicros + (sequence * 1_001L);
        double[] gauges = [.. Enumerable.Range(0, Gauges).Select(_ => _random.NextDouble() * 1e6)];
        for (int i = 0; i < Gauges; i++)
        {
            Sent.Add(new MetricPoint(Name, "rig.gauge", "By", "gauge", $"n=\"{i}\"", micros, BitConverter.DoubleToInt64Bits(gauges[i])));
        }

        Sent.Add(new MetricPoint(Name, "rig.count", "{records}", "counter", "", micros, BitConverter.DoubleToInt64Bits(sequence)));
        return Encode(micros, gauges, sequence);
    }

    // ExportMetricsServiceRequest > ResourceMetrics > ScopeMetrics > Metric > Gauge or Sum > NumberDataPoint, by the field numbers of opentelemetry-proto.
    private byte[] Encode(long micros, double[] gauges, int sequence)
    {
        using var record = new MemoryStream();
        ProtoWriter.WriteMessage(record, 1, resourceMetrics =>
        {
            ProtoWriter.WriteMessage(resourceMetrics, 1, resource => WriteAttribute(resource, 1, "host.name", Name));
            ProtoWriter.WriteMessage(resourceMetrics, 2, scopeMetrics =>
            {
                ProtoWriter.WriteMessage(scopeMetrics, 2, metric =>
                {
                    ProtoWriter.WriteString(metric, 1, "rig.gauge");
                    ProtoWriter.WriteString(metric, 3, "By");
                    ProtoWriter.WriteMessage(metric, 5, gauge =>
                    {
                        for (int i = 0; i < gauges.Length; i++)
                        {
                            int n = i;
                            ProtoWriter.WriteMessage(gauge, 1, point =>
                            {
                                ProtoWriter.WriteFixed64(point, 3, (ulong)micros * 1000);
                                ProtoWriter.WriteFixed64(point, 4, BitConverter.DoubleToUInt64Bits(gauges[n]));
                                WriteAttribute(point, 7, "n", n.ToString(System.Globalization.CultureInfo.InvariantCulture));
                            });
                        }
                    });
                });
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

    private static void WriteAttribute(Stream output, int field, string key, string value) => ProtoWriter.WriteMessage(output, field, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        ProtoWriter.WriteMessage(attribute, 2, any => ProtoWriter.WriteString(any, 1, value));
    });
}
