using System.Runtime.InteropServices;
using Hostwire.Store;

namespace Hostwire.Sink;

/// <summary>Records that are decoded and, where nothing in them is new to the sink, ready to be sent to PostgreSQL. Used for batch after batch.</summary>
internal sealed class PreparedBatch(FrameBatch frames)
{
    /// <summary>The records.</summary>
    public ReadOnlyMemory<RawRecord> Records { get; private set; }

    /// <summary>Those that it was given besides, and that are to be stored after it: it has as much that is new as one batch should.</summary>
    public ReadOnlyMemory<RawRecord> Rest { get; private set; }

    /// <summary>What they hold.</summary>
    public FrameBatch Frames { get; } = frames;

    /// <summary>The frames to be stored, encoded.</summary>
    public FrameCopy Copy { get; } = new();

    /// <summary>The places of the frames whose days are kept.</summary>
    public List<int> Kept { get; } = [];

    /// <summary>The places of the others.</summary>
    public List<int> Quarantined { get; } = [];

    /// <summary>How often the sink had forgotten everything when it was decoded: what it was known by then holds only until the next time.</summary>
    public int Generation { get; private set; }

    /// <summary>Whether all hosts and series have numbers, and the points are laid out in frames.</summary>
    public bool IsArranged { get; private set; }

    /// <summary>Whether everything is known and encoded, so that it can be stored as it is.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Decodes records.</summary>
    public void Decode(ReadOnlyMemory<RawRecord> records, int generation)
    {
        (Generation, IsArranged, IsReady) = (generation, false, false);
        int decoded = Frames.Decode(records.Span);
        (Records, Rest) = (records[..decoded], records[decoded..]);
    }

    /// <summary>Nothing is to be stored of its one record, which is set aside instead.</summary>
    public void Refuse(string reason)
    {
        Frames.Refuse(reason);
        IsArranged = true;
    }

    /// <summary>Lays the points out in frames. Every host and series must have its number by now.</summary>
    public void Arrange()
    {
        Frames.Arrange();
        IsArranged = true;
    }

    /// <summary>Encodes the frames whose days are kept. All of them, and every layout, must be known by now.</summary>
    public void Encode(DayPartitions days)
    {
        Kept.Clear();
        Quarantined.Clear();
        for (int index = 0; index < Frames.Frames.Count; index++)
        {
            (days.IsKept(Frames.Frames[index].Day) ? Kept : Quarantined).Add(index);
        }

        Encode(withOrdinals: false);
        IsReady = true;
    }

    /// <summary>Encodes them once more, each row with its place before it.</summary>
    public void EncodeWithOrdinals() => Encode(withOrdinals: true);

    /// <summary>Lets go of the records.</summary>
    public void Clear() => Records = Rest = default;

    private void Encode(bool withOrdinals) => Copy.Encode(Frames, CollectionsMarshal.AsSpan(Kept), withOrdinals);
}
