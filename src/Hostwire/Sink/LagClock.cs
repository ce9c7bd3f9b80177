namespace Hostwire.Sink;

/// <summary>Reckons how old the oldest record of one partition is that is not stored yet. Used by one thread.</summary>
/// <remarks>
/// What is known is the time of the record stored last, and since when there has been something left to store. The first alone would make the one record on a
/// topic that was quiet for a day a day late; the second alone would make a sink that starts on a day's backlog a second late. The truth is no more than
/// the lesser of the two.
/// </remarks>
internal sealed class LagClock
{
    private DateTimeOffset? _caughtUpAt;

    /// <summary>In seconds; null where nothing is known.</summary>
    /// <param name="records">How many records are not stored.</param>
    /// <param name="storedTimeMillis">The time on the topic of the record stored last, in milliseconds since 1970; null where none was.</param>
    /// <param name="now">The time.</param>
    public double? Seconds(long records, long? storedTimeMillis, DateTimeOffset now)
    {
        if (records <= 0)
        {
            _caughtUpAt = now;
            return 0;
        }

        DateTimeOffset? stored = storedTimeMillis is { } millis ? DateTimeOffset.UnixEpoch.AddMilliseconds(millis) : null;
        DateTimeOffset? since = _caughtUpAt is { } caughtUp && (stored is null || caughtUp > stored) ? caughtUp : stored;
        return since is { } start ? Math.Max(0, (now - start).TotalSeconds) : null;
    }
}
