using System.Globalization;
using System.Text.Json;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A point with all that must survive the way to the table; equal only where every bit of it is.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Kind">gauge, counter or up-down.</param>
/// <param name="Attributes">As <see cref="Canonical"/> writes them.</param>
/// <param name="TimeMicros">Microseconds since 1970.</param>
/// <param name="ValueBits">The bits of the double.</param>
internal sealed record MetricPoint(string Host, string Metric, string Unit, string Kind, string Attributes, long TimeMicros, long ValueBits)
{
    /// <summary>Attributes as text: sorted by key, values as JSON writes them, so that 1 and "1" differ.</summary>
    public static string Canonical(IEnumerable<(string Key, JsonElement Value)> attributes) =>
        string.Join(',', attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => $"{attribute.Key}={Text(attribute.Value)}"));

    /// <summary>For messages: a line a point.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Host} {Metric}{{{Attributes}}} {Unit} {Kind} {TimeMicros} {BitConverter.Int64BitsToDouble(ValueBits):R}");

    // Which characters of a string are escaped is up to who wrote the JSON.
    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String ? $"\"{value.GetString()}\"" : value.GetRawText();
}
