namespace Hostwire.Sink;

/// <summary>What one committed transaction did; the meanings are those of <see cref="SinkCounters"/>.</summary>
internal record struct BatchOutcome
{
    public int Records { get; set; }

    public long Frames { get; set; }

    public long Points { get; set; }

    public long Duplicates { get; set; }

    public long Conflicts { get; set; }

    public long Quarantined { get; set; }

    public int DeadLetters { get; set; }

    public long InexactValues { get; set; }

    /// <summary>The latest time of a frame, in microseconds since 1970; 0 where there was none.</summary>
    public long NewestTimeMicros { get; set; }
}
