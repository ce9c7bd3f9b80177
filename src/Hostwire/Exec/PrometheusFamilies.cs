using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Exec;

/// <summary>What <c># TYPE</c> and <c># UNIT</c> have said so far in one output, and what follows for a sample.</summary>
internal sealed class PrometheusFamilies
{
    // What the samples of a family add to its name, for which types that counts upwards and for which it does not, and whether the family's unit is theirs.
    private static readonly (byte[] Suffix, string[] Counters, string[] Gauges, bool HasUnit)[] Parts =
    [
        ("_bucket"u8.ToArray(), ["histogram"], ["gaugehistogram"], false),
        ("_count"u8.ToArray(), ["histogram", "summary"], [], false),
        ("_sum"u8.ToArray(), ["histogram", "summary"], [], true),
        ("_total"u8.ToArray(), ["counter"], [], true),
        ("_created"u8.ToArray(), [], ["counter", "histogram", "summary"], false),
        ("_gcount"u8.ToArray(), [], ["gaugehistogram"], false),
        ("_gsum"u8.ToArray(), [], ["gaugehistogram"], true),
        ("_info"u8.ToArray(), [], ["info"], false),
    ];

    private readonly Dictionary<byte[], Family> _families = new(ByteStringComparer.Instance);

    /// <summary>Forgets everything: a new output begins.</summary>
    public void Clear() => _families.Clear();

    /// <summary>Takes what a comment says of a family.</summary>
    public void Note(in ExpositionReader line)
    {
        var lookup = _families.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(line.Name, out Family? family))
        {
            lookup[line.Name] = family = new Family();
        }

        if (line.Kind == ExpositionLineKind.Type)
        {
            family.Type = TypeOf(line.Word);
        }
        else
        {
            family.Unit = ExpositionUnits.ToUcum(line.Word);
        }
    }

    /// <summary>What a sample of this name is. Without a type, or with one that does not count upwards, a gauge.</summary>
    public (MetricKind Kind, string Unit) Of(ReadOnlySpan<byte> name)
    {
        var lookup = _families.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (_families.Count == 0)
        {
            return (MetricKind.Gauge, "");
        }

        if (lookup.TryGetValue(name, out Family? family))
        {
            return (family.Type is "counter" ? MetricKind.Counter : MetricKind.Gauge, family.Unit);
        }

        foreach ((byte[] suffix, string[] counters, string[] gauges, bool hasUnit) in Parts)
        {
            if (name.EndsWith(suffix) && lookup.TryGetValue(name[..^suffix.Length], out family))
            {
                bool isCounter = counters.Contains(family.Type, StringComparer.Ordinal);
                bool isPart = isCounter || gauges.Contains(family.Type, StringComparer.Ordinal);
                return (isCounter ? MetricKind.Counter : MetricKind.Gauge, isPart && hasUnit ? family.Unit : "");
            }
        }

        return (MetricKind.Gauge, "");
    }

    private static string TypeOf(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("counter"u8) => "counter",
        _ when word.SequenceEqual("histogram"u8) => "histogram",
        _ when word.SequenceEqual("gaugehistogram"u8) => "gaugehistogram",
        _ when word.SequenceEqual("summary"u8) => "summary",
        _ when word.SequenceEqual("info"u8) => "info",
        _ => "",
    };

    private sealed class Family
    {
        public string Type { get; set; } = "";

        public string Unit { get; set; } = "";
    }
}
