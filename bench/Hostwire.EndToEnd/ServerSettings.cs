namespace Hostwire.EndToEnd;

/// <summary>How the PostgreSQL of a benchmark is set up.</summary>
internal static class ServerSettings
{
    /// <summary>As a server that must lose nothing, with memory for a machine of this size.</summary>
    public static IReadOnlyDictionary<string, string> Durable { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["fsync"] = "on",
        ["full_page_writes"] = "on",
        ["synchronous_commit"] = "on",
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "4GB",
    };

    /// <summary>Says it, for the head of what a benchmark prints.</summary>
    public static string Describe(IReadOnlyDictionary<string, string> settings) => $"PostgreSQL: {string.Join(", ", settings.Select(setting => $"{setting.Key}={setting.Value}"))}, else its defaults";
}
