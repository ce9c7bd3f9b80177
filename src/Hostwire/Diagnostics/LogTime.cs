namespace Hostwire.Diagnostics;

/// <summary>How the log writes time.</summary>
internal static class LogTime
{
    /// <summary>ISO 8601 in UTC to the microsecond, as PostgreSQL keeps it.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
}
