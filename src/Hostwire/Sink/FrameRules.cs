using System.Text.Json;

namespace Hostwire.Sink;

/// <summary>How records become frames. Kept in the database (<c>hostwire.setting</c>, <c>frame_rules</c>), because sinks that disagreed would store one point under two identities.</summary>
/// <param name="LayoutMaxSeries">The most series of one layout; more would move the values out of the row and halve the speed.</param>
/// <param name="DropAttributes">Resource attributes that no series gets: names, or prefixes that end in <c>*</c>.</param>
internal sealed record FrameRules(int LayoutMaxSeries, string[] DropAttributes)
{
    // What the setting need not list: OpenTelemetry's names of what describes a host.
    private static readonly string[] AlwaysOfHost = ["host.*", "os.*", "cloud.*"];

    // What one array of float8 may hold before PostgreSQL moves it to a TOAST table.
    private const int LayoutMaxSeriesLimit = 240;

    /// <summary>The rules of this version of Hostwire.</summary>
    public const int Version = 1;

    /// <summary>Resource attributes that describe the host besides <c>host.*</c>, <c>os.*</c> and <c>cloud.*</c>, written as those that are dropped.</summary>
    public string[] HostAttributes { get; init; } = [];

    /// <summary>Reads the setting.</summary>
    /// <exception cref="InvalidDataException">It is of another version, or not of the form expected.</exception>
    public static FrameRules Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            int layoutMaxSeries = root.GetProperty("layout_max_series").GetInt32();
            if (version != Version || layoutMaxSeries is < 1 or > LayoutMaxSeriesLimit)
            {
                throw new InvalidDataException($"version must be {Version} and layout_max_series 1 to {LayoutMaxSeriesLimit}");
            }

            return new FrameRules(layoutMaxSeries, Names(root.GetProperty("drop_attributes")))
            {
                HostAttributes = root.TryGetProperty("host_attributes", out JsonElement ofHost) ? Names(ofHost) : [],
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    /// <summary>Whether a resource attribute is left out.</summary>
    public bool Drops(string key) => IsOneOf(DropAttributes, key);

    /// <summary>Whether a resource attribute says something about the host and so belongs to it, not to each series.</summary>
    public bool IsOfHost(string key) => IsOneOf(AlwaysOfHost, key) || IsOneOf(HostAttributes, key);

    private static bool IsOneOf(string[] patterns, string key) => Array.Exists(patterns, pattern =>
        pattern.EndsWith('*') ? key.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal) : string.Equals(key, pattern, StringComparison.Ordinal));

    private static string[] Names(JsonElement list) =>
        [.. list.EnumerateArray().Select(item => item.GetString() ?? throw new InvalidDataException("its lists must hold names"))];
}
