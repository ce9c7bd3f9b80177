using System.Globalization;

namespace Hostwire.Metrics;

/// <summary>Times as OTLP counts them: nanoseconds since 1970.</summary>
public static class UnixTime
{
    /// <summary>ISO 8601 in UTC to the microsecond, as PostgreSQL keeps it: <c>2026-11-23T12:00:10.123456Z</c>.</summary>
    public static string ToText(long unixNano) =>
        DateTimeOffset.UnixEpoch.AddTicks(unixNano / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
