using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>SHA-256 over typed, length-prefixed encodings: what makes a host, a metric, a series or a layout itself, in every database and for ever.</summary>
/// <remarks>The encodings must never change: data that is stored refers to them. A test holds them against golden values.</remarks>
internal static class Identity
{
    // The first byte keeps the identities of different kinds of things apart.
    private const byte HostTag = 1;
    private const byte MetricTag = 2;
    private const byte SeriesTag = 3;
    private const byte ResourceTag = 5;
    private const byte DistributionTag = 6;
    private const byte PartMetricTag = 7;
    private const byte PartSeriesTag = 8;

    // Four stood for layouts whose identity did not say the order of their series.
    private const byte LayoutTag = 9;

    /// <summary>A host: its name, and its id where it has one.</summary>
    public static byte[] OfHost(string name, string? id)
    {
        var output = Start(HostTag);
        AttributeSet.WriteText(output, Encoding.UTF8.GetBytes(name));
        output.Write([id is null ? (byte)0 : (byte)1]);
        AttributeSet.WriteText(output, Encoding.UTF8.GetBytes(id ?? ""));
        return Hash(output);
    }

    /// <summary>A metric: name, unit, kind and temporality.</summary>
    public static byte[] OfMetric(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, MetricKind kind, Temporality temporality)
    {
        var output = Start(MetricTag);
        AttributeSet.WriteText(output, name);
        AttributeSet.WriteText(output, unit);
        output.Write([(byte)kind, (byte)temporality]);
        return Hash(output);
    }

    /// <summary>
    /// A metric that is a histogram, an exponential histogram or a summary. No row has this identity; it stands for the metric in those of its parts, so
    /// that no other metric of a part's name can be taken for it.
    /// </summary>
    public static byte[] OfDistribution(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, MetricDataKind kind, Temporality temporality)
    {
        var output = Start(DistributionTag);
        AttributeSet.WriteText(output, name);
        AttributeSet.WriteText(output, unit);
        output.Write([(byte)kind, (byte)temporality]);
        return Hash(output);
    }

    /// <summary>A part of a histogram, an exponential histogram or a summary, as a metric.</summary>
    public static byte[] OfPartMetric(ReadOnlySpan<byte> distributionIdentity, DistributionPart part)
    {
        var output = Start(PartMetricTag);
        output.Write(distributionIdentity);
        output.Write([(byte)part]);
        return Hash(output);
    }

    /// <summary>A part with its label, as a series of one that <see cref="OfSeries"/> has told from <see cref="OfDistribution"/>.</summary>
    public static byte[] OfPartSeries(ReadOnlySpan<byte> seriesIdentity, DistributionPart part, long label)
    {
        var output = Start(PartSeriesTag);
        output.Write(seriesIdentity);
        output.Write([(byte)part]);
        AttributeSet.WriteBits(output, label);
        return Hash(output);
    }

    /// <summary>A series: its metric, the scope, the resource's attributes that are not the host's, and its own.</summary>
    public static byte[] OfSeries(ReadOnlySpan<byte> metricIdentity, ReadOnlySpan<byte> scope, AttributeSet resource, AttributeSet point)
    {
        var output = Start(SeriesTag);
        output.Write(metricIdentity);
        AttributeSet.WriteText(output, scope);
        resource.WriteCanonical(output);
        point.WriteCanonical(output);
        return Hash(output);
    }

    /// <summary>A layout: its series in the order in which the values stand, which is that of the numbers they have in the database.</summary>
    public static byte[] OfLayout(IEnumerable<byte[]> seriesIdentities)
    {
        var output = Start(LayoutTag);
        foreach (byte[] identity in seriesIdentities)
        {
            output.Write(identity);
        }

        return Hash(output);
    }

    /// <summary>A resource, in memory alone: no table refers to it, so this one may change.</summary>
    public static byte[] OfResource(AttributeSet ofHost, AttributeSet ofSeries, string? instanceId)
    {
        var output = Start(ResourceTag);
        ofHost.WriteCanonical(output);
        ofSeries.WriteCanonical(output);
        AttributeSet.WriteText(output, Encoding.UTF8.GetBytes(instanceId ?? ""));
        return Hash(output);
    }

    private static ArrayBufferWriter<byte> Start(byte tag)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write([tag]);
        return output;
    }

    private static byte[] Hash(ArrayBufferWriter<byte> output) => SHA256.HashData(output.WrittenSpan);
}
