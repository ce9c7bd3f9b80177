namespace Hostwire.Simulation;

/// <summary>What a run has done so far. Written by its one loop.</summary>
internal sealed class SimulationCounters
{
    /// <summary>Records made and handed to the producer.</summary>
    public long Records { get; set; }

    /// <summary>Bytes of those records, before compression.</summary>
    public long Bytes { get; set; }

    /// <summary>Points in them.</summary>
    public long Points { get; set; }

    /// <summary>Frames in them: a host and time each.</summary>
    public long Frames { get; set; }

    /// <summary>Scrapes left out because their host was down.</summary>
    public long ScrapesWhileDown { get; set; }

    /// <summary>Records that Kafka has acknowledged.</summary>
    public long RecordsAcknowledged { get; set; }

    /// <summary>Points in those.</summary>
    public long PointsAcknowledged { get; set; }

    /// <summary>Records that Kafka refused for good.</summary>
    public long RecordsRefused { get; set; }

    /// <summary>Records sent once more, because the producer had died or Kafka had failed.</summary>
    public long RecordsResent { get; set; }

    /// <summary>Records on their way now.</summary>
    public long RecordsWaiting => Records - RecordsAcknowledged - RecordsRefused;
}
