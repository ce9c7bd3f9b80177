using System.Globalization;

namespace Hostwire.Up;

/// <summary>What has flowed since the start.</summary>
/// <param name="ScrapesSent">Scrapes that Kafka has acknowledged.</param>
/// <param name="RecordsStored">Records behind a committed transaction.</param>
/// <param name="ValuesStored">Values in the database.</param>
/// <param name="LagRecords">Records in Kafka that are not in the database yet.</param>
/// <param name="Dropped">Scrapes that were lost before they reached Kafka.</param>
/// <param name="DeadLetters">Records that could not be decoded.</param>
/// <param name="Newest">The time of the newest value stored; null: none yet.</param>
internal readonly record struct UpFigures(
    long ScrapesSent, long RecordsStored, long ValuesStored, long LagRecords, long Dropped, long DeadLetters, DateTimeOffset? Newest)
{
    /// <summary><c>12 scrapes sent, 1,234 values stored for 1 host, lag 0, newest 0.4 s old</c>; what went wrong only where something did.</summary>
    /// <param name="hosts">Hosts in the database; null: it cannot be asked now.</param>
    /// <param name="now">The time.</param>
    public string Line(long? hosts, DateTimeOffset now)
    {
        string stored = hosts is null ? "stored" : $"stored for {Count(hosts.Value, "host")}";
        // The clock of another host may be ahead of ours.
        string newest = Newest is DateTimeOffset time
            ? string.Create(CultureInfo.InvariantCulture, $"newest {Math.Max(0, (now - time).TotalSeconds):0.0} s old")
            : "nothing stored yet";
        return $"{Count(ScrapesSent, "scrape")} sent, {Count(ValuesStored, "value")} {stored}, lag {Number(LagRecords)}, {newest}"
            + (Dropped > 0 ? $", {Count(Dropped, "scrape")} dropped" : "")
            + (DeadLetters > 0 ? $", {Count(DeadLetters, "dead letter")}" : "");
    }

    private static string Count(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
