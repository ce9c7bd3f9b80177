using System.Globalization;
using Confluent.Kafka;

namespace Hostwire.Sink;

/// <summary>A partition that the group has assigned to this sink; used by the intake's thread alone.</summary>
internal sealed class OwnedPartition(TopicPartition partition)
{
    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>Its number, for metrics.</summary>
    public string Number { get; } = partition.Partition.Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>How far behind it is in time.</summary>
    public LagClock LagClock { get; } = new();

    /// <summary>The claim that was asked for and not answered; null where there is none.</summary>
    public ClaimRequest? Request { get; set; }

    /// <summary>The claim under which records are read; null before the first, or after it was lost.</summary>
    public PartitionClaim? Claim { get; set; }

    /// <summary>Whether the consumer has been sent to <see cref="NextOffset"/> since the claim.</summary>
    public bool IsPositioned { get; set; }

    /// <summary>The offset that must come next.</summary>
    public long NextOffset { get; set; }

    /// <summary>Where the partition ended when it was claimed.</summary>
    public long EndAtClaim { get; set; }

    /// <summary>What <see cref="NextOffset"/> was when it last moved, and when that was seen, as a timestamp.</summary>
    public (long Offset, long Since) Stands { get; set; } = (-1, 0);

    /// <summary>How long it may stand before the consumer is sent there again.</summary>
    public TimeSpan StandingMax { get; set; }

    /// <summary>An offset that was missing and has been asked for again, and what came in its place; -1 where there is none.</summary>
    public (long Missing, long Came) AskedAgain { get; set; } = (-1, -1);

    /// <summary>The last claim there was, lost or not: how far everything is stored, as far as this sink knows.</summary>
    public PartitionClaim? LastClaim { get; set; }

    /// <summary>Since when the consumer refuses to be sent to <see cref="NextOffset"/>, as a timestamp; null while it does not.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>Whether fetching is paused.</summary>
    public bool IsPaused { get; set; }
}
