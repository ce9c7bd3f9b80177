using System.Text.Json;
using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>Reads the original demo's JSON, <c>{"hostname": ..., "system_metrics": {"total_cpu": 12.5, ...}}</c>, by writing it as OTLP protobuf.</summary>
/// <remarks>
/// Its eight metrics keep their names: they are sums over CPUs and interfaces, which none of OpenTelemetry's metrics is. What else is in
/// <c>system_metrics</c> is a gauge without a unit. Null is the same as absent; other members of the record are skipped.
/// </remarks>
internal ref struct SystemMetricsReader
{
    /// <summary>The scope of these metrics, which tells them from others of their names; also the member that tells this JSON from OTLP's.</summary>
    public const string Scope = "system_metrics";

    private static readonly (string Name, string Unit, bool IsCounter)[] Known =
    [
        ("total_cpu", "%", false),
        ("current_cpu_frequency", "MHz", false),
        ("memory_use", "By", false),
        ("available_memory", "By", false),
        ("percent_memory_use", "%", false),
        ("network_traffic_in", "By", true),
        ("network_traffic_out", "By", true),
        ("total_network_traffic", "By", true),
    ];

    private readonly WireBuilder _output;
    private readonly ulong _timeUnixNano;
    private Utf8JsonReader _json;
    private string? _refusal;

    private SystemMetricsReader(ReadOnlySpan<byte> json, ulong timeUnixNano, WireBuilder output)
    {
        _output = output;
        _timeUnixNano = timeUnixNano;
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = OtlpJsonReader.MaxDepth });
    }

    /// <summary>Writes a document as protobuf.</summary>
    /// <param name="json">Valid UTF-8.</param>
    /// <param name="timeUnixNano">The time of its points, which it does not say, in nanoseconds since 1970.</param>
    /// <param name="output">Takes the protobuf.</param>
    /// <inheritdoc cref="OtlpJsonReader.Read"/>
    public static string? Read(ReadOnlySpan<byte> json, ulong timeUnixNano, WireBuilder output)
    {
        var reader = new SystemMetricsReader(json, timeUnixNano, output);
        int start = output.Begin(OtlpTag.RequestResourceMetrics);
        reader.ReadRecord();
        output.End(start);
        return reader._refusal;
    }

    private void ReadRecord()
    {
        _json.Read();
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            bool isHostName = _json.ValueTextEquals("hostname"u8);
            bool isMetrics = _json.ValueTextEquals(Scope);
            _json.Read();
            if (_json.TokenType == JsonTokenType.Null || !(isHostName || isMetrics))
            {
                _json.Skip();
            }
            else if (!(isHostName ? ReadHostName() : ReadMetrics()))
            {
                return;
            }
        }

        // What follows the document throws.
        _json.Read();
    }

    private bool ReadHostName()
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            return Refuse("hostname", "is no string");
        }

        int resource = _output.Begin(OtlpTag.ResourceMetricsResource);
        int attribute = _output.Begin(OtlpTag.ResourceAttributes);
        _output.WriteBytes(OtlpTag.KeyValueKey, "host.name"u8);
        int value = _output.Begin(OtlpTag.KeyValueValue);
        _output.WriteText(OtlpTag.AnyValueString, _json);
        _output.End(value);
        _output.End(attribute);
        _output.End(resource);
        return true;
    }

    private bool ReadMetrics()
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Refuse(Scope, "is no object");
        }

        int scopeMetrics = _output.Begin(OtlpTag.ResourceMetricsScopeMetrics);
        int scope = _output.Begin(OtlpTag.ScopeMetricsScope);
        _output.WriteBytes(OtlpTag.ScopeName, "system_metrics"u8);
        _output.End(scope);
        bool isRead = true;
        while (isRead && _json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            isRead = ReadMetric();
        }

        _output.End(scopeMetrics);
        return isRead;
    }

    private bool ReadMetric()
    {
        string unit = "";
        bool isCounter = false;
        foreach ((string name, string itsUnit, bool itCounts) in Known)
        {
            if (_json.ValueTextEquals(name))
            {
                (unit, isCounter) = (itsUnit, itCounts);
            }
        }

        Utf8JsonReader member = _json;
        _json.Read();
        if (_json.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (!JsonNumber.TryGetDouble(_json, out double number))
        {
            return Refuse($"the value of {member.GetString()}", "is no number");
        }

        int metric = _output.Begin(OtlpTag.ScopeMetricsMetrics);
        _output.WriteText(OtlpTag.MetricName, member);
        _output.WriteBytes(OtlpTag.MetricUnit, System.Text.Encoding.UTF8.GetBytes(unit));
        int data = _output.Begin(isCounter ? OtlpTag.MetricSum : OtlpTag.MetricGauge);
        WritePoint(number);
        if (isCounter)
        {
            _output.WriteVarint(OtlpTag.SumTemporality, (ulong)Temporality.Cumulative);
            _output.WriteVarint(OtlpTag.SumIsMonotonic, 1);
        }

        _output.End(data);
        _output.End(metric);
        return true;
    }

    private void WritePoint(double number)
    {
        int point = _output.Begin(OtlpTag.DataPoints);
        _output.WriteFixed64(OtlpTag.PointTime, _timeUnixNano);

        // As a whole number where it is one, so that one that no double equals is counted as such.
        if (JsonNumber.TryGetWhole(_json, out Int128 whole) && whole == (long)whole && whole != 0)
        {
            _output.WriteFixed64(OtlpTag.PointAsInt, (ulong)(long)whole);
        }
        else
        {
            _output.WriteFixed64(OtlpTag.PointAsDouble, BitConverter.DoubleToUInt64Bits(number));
        }

        _output.End(point);
    }

    private bool Refuse(string name, string what)
    {
        _refusal ??= $"Not JSON of system_metrics: {name} at byte {_json.TokenStartIndex} {what}.";
        return false;
    }
}
