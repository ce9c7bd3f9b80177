using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>One record that was handed to a producer.</summary>
/// <param name="points">What it says.</param>
/// <param name="fate">What must become of it.</param>
/// <param name="isUnderFault">Whether a fault was on when it was handed over.</param>
internal sealed class LedgerRecord(MetricPoint[] points, RecordFate fate, bool isUnderFault)
{
    private long _offset = -1;

    /// <summary>What it says.</summary>
    public MetricPoint[] Points { get; } = points;

    /// <summary>What must become of it.</summary>
    public RecordFate Fate { get; } = fate;

    /// <summary>Whether a fault was on when it was handed over.</summary>
    public bool IsUnderFault { get; } = isUnderFault;

    /// <summary>The id of the topic it went to.</summary>
    public string TopicId { get; private set; } = "";

    /// <summary>Its partition.</summary>
    public int Partition { get; private set; }

    /// <summary>Its offset; -1 while the broker has not acknowledged it.</summary>
    public long Offset => Interlocked.Read(ref _offset);

    /// <summary>Whether the broker has acknowledged it: from then on nothing may happen to it.</summary>
    public bool IsAccepted => Offset >= 0;

    /// <summary>Where on the same partition it lies a second time, if it was sent again.</summary>
    public long? SecondOffset { get; set; }

    /// <summary>The broker has it.</summary>
    public void Accept(string topicId, int partition, long offset)
    {
        TopicId = topicId;
        Partition = partition;
        Interlocked.Exchange(ref _offset, offset);
    }
}
