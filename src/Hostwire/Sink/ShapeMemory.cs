namespace Hostwire.Sink;

/// <summary>The shapes that one resource's metrics had last, by their length: a host sends a few in turn, so these are where to look first.</summary>
internal sealed class ShapeMemory
{
    // A Collector has a part for each scraper, an agent one for each set of collectors that are due together.
    private const int LengthsMax = 16;

    // Learning costs more than a match saves, so what never comes back is learned less and less.
    private const int CreditAtFirst = 4;
    private const int CreditMax = 8;
    private const int CostOfLearning = 2;
    private const uint LearnAnywayAfter = 64;
    private const uint LearnAnywayEveryMax = 4096;

    private Slot[] _slots = [];
    private int _count;
    private int _next;

    /// <summary>The shape that a part of a record has, of the two that came last with its length; null where it has none of them.</summary>
    public MetricsShape? Find(SeriesResource resource, ReadOnlySpan<byte> rest)
    {
        int index = IndexOf(rest.Length);
        if (index < 0)
        {
            return null;
        }

        ref Slot slot = ref _slots[index];
        if (slot.Last is { } last && last.Matches(resource, rest))
        {
            slot.Credit = Math.Min(slot.Credit + 1, CreditMax);
            return last;
        }

        if (slot.Before is not { } before || !before.Matches(resource, rest))
        {
            return null;
        }

        (slot.Last, slot.Before) = (before, slot.Last);
        slot.Credit = Math.Min(slot.Credit + 1, CreditMax);
        return before;
    }

    /// <summary>Whether a part of this length, which had no shape that is known, is worth being learned.</summary>
    public bool IsWorthLearning(int length)
    {
        int index = IndexOf(length);
        if (index < 0)
        {
            index = Add(length);
        }

        ref Slot slot = ref _slots[index];
        if (++slot.Misses == slot.LearnAnywayAt)
        {
            slot.LearnAnywayAt += Math.Min(slot.LearnAnywayAt, LearnAnywayEveryMax);
            return true;
        }

        return slot.Credit >= CostOfLearning;
    }

    /// <summary>Notes that a part of this length was learned, or tried in vain: what it has cost is to come back first.</summary>
    public void Charge(int length)
    {
        ref Slot slot = ref _slots[IndexOf(length)];
        slot.Credit = Math.Max(0, slot.Credit - CostOfLearning);
    }

    /// <summary>Remembers a shape.</summary>
    public void Remember(int length, MetricsShape shape)
    {
        int index = IndexOf(length);
        if (index < 0)
        {
            index = Add(length);
        }

        ref Slot slot = ref _slots[index];
        (slot.Last, slot.Before) = (shape, slot.Last);
    }

    private int IndexOf(int length)
    {
        for (int index = 0; index < _count; index++)
        {
            if (_slots[index].Length == length)
            {
                return index;
            }
        }

        return -1;
    }

    private int Add(int length)
    {
        int index = _next++ % LengthsMax;
        if (index == _slots.Length)
        {
            Array.Resize(ref _slots, Math.Min(LengthsMax, Math.Max(2, 2 * index)));
        }

        _slots[index] = new Slot { Length = length, Credit = CreditAtFirst, LearnAnywayAt = LearnAnywayAfter };
        _count = Math.Max(_count, index + 1);
        return index;
    }

    private struct Slot
    {
        public int Length;
        public int Credit;
        public uint Misses;
        public uint LearnAnywayAt;
        public MetricsShape? Last;
        public MetricsShape? Before;
    }
}
