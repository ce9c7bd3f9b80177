using System.Text;
using Hostwire.Agent;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp;

namespace Hostwire.Tests.Agent;

public sealed class RecordSplitterTests
{
    [Fact]
    public void Halves_of_a_real_record_have_all_its_points_each_once_under_the_same_resource()
    {
        foreach ((string name, byte[] record) in Samples.Folders.SelectMany(Samples.Records))
        {
            Assert.True(RecordSplitter.TrySplit(record, out byte[]? first, out byte[]? second), name);
            Assert.Equal(Points(record), Points(first).Concat(Points(second)).ToArray());
            Assert.InRange(first.Length, record.Length / 4, 3 * record.Length / 4);
            Assert.InRange(second.Length, record.Length / 4, 3 * record.Length / 4);
        }
    }

    [Fact]
    public void Halves_can_be_halved_until_each_has_a_single_metric()
    {
        byte[] record = Samples.Records(Samples.Folders[0]).First().Bytes;
        var parts = new List<byte[]> { record };
        for (int i = 0; i < parts.Count;)
        {
            if (RecordSplitter.TrySplit(parts[i], out byte[]? first, out byte[]? second))
            {
                parts[i] = first;
                parts.Insert(i + 1, second);
            }
            else
            {
                i++;
            }
        }

        Assert.All(parts, part => Assert.Equal(1, CountMetrics(part)));
        Assert.Equal(Points(record), parts.SelectMany(Points).ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not protobuf at all")]
    public void What_has_no_two_metrics_is_not_split(string record) => Assert.False(RecordSplitter.TrySplit(Encoding.UTF8.GetBytes(record), out _, out _));

    [Fact]
    public void Record_cut_short_anywhere_is_not_split_and_does_not_throw()
    {
        byte[] record = Samples.Records(Samples.Folders[0]).First().Bytes;
        for (int length = 1; length < record.Length; length++)
        {
            bool isWhole = OtlpDecoder.TryDecode(record.AsSpan(0, length), new DecodedRecord()).IsOk;
            Assert.True(isWhole || !RecordSplitter.TrySplit(record.AsSpan(0, length), out _, out _), $"{length} bytes");
        }
    }

    private static int CountMetrics(byte[] record)
    {
        var decoded = new DecodedRecord();
        Assert.True(OtlpDecoder.TryDecode(record, decoded).IsOk);
        return decoded.Metrics.Length;
    }

    /// <summary>Every point in full: resource, scope, metric, attributes, time and value.</summary>
    private static string[] Points(byte[] record)
    {
        var decoded = new DecodedRecord();
        Assert.True(OtlpDecoder.TryDecode(record, decoded).IsOk);
        return
        [
            .. decoded.Points.ToArray().Select(point =>
            {
                DecodedMetric metric = decoded.Metrics[point.MetricIndex];
                ByteRange[] parts = [decoded.Resources[metric.ResourceIndex].Raw, metric.ScopeName, metric.Name, metric.Unit, metric.Description, point.AttributeBytes];
                return $"{string.Join('|', parts.Select(part => Convert.ToHexString(part.In(record))))} {metric.Kind} {metric.Temporality} {metric.IsMonotonic} {point.TimeUnixNano} {point.Value:R}";
            }),
        ];
    }
}
