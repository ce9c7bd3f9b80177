namespace Hostwire.Simulation;

/// <summary>How much a run sends, and how fast.</summary>
internal sealed record RunLength
{
    /// <summary>Scrapes of each host; <see cref="long.MaxValue"/>: until it is told to stop.</summary>
    public required long Scrapes { get; init; }

    /// <summary>Whether records go out as fast as Kafka takes them, whatever their time; else each at its time.</summary>
    public required bool IsFast { get; init; }
}
