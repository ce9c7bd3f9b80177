namespace Hostwire.Sink;

/// <summary>Gives the frames of a record that have one host and time different slots.</summary>
/// <remarks>
/// By the order of their layouts' identities, so that a record sent again asks for the same ones. Whatever else is in the record, one of them gets slot 0: so wherever there is a frame of a host and time
/// there is one of slot 0, which is how a second one is noticed. Two of one layout get one slot, because they are one frame. Not safe for use by several threads at once.
/// </remarks>
internal sealed class FrameSlots
{
    // Up to here, comparing each with each costs less than sorting.
    private const int FewFrames = 16;

    private Place[] _places = new Place[FewFrames];

    /// <summary>Assigns them; the frames of a record stand together.</summary>
    public void Assign(Span<Frame> frames)
    {
        for (int start = 0, end; start < frames.Length; start = end)
        {
            end = start + 1;
            while (end < frames.Length && frames[end].RecordIndex == frames[start].RecordIndex)
            {
                end++;
            }

            Span<Frame> ofRecord = frames[start..end];
            if (ofRecord.Length > FewFrames || HaveSameTime(ofRecord))
            {
                AssignOfRecord(ofRecord);
            }
        }
    }

    private static bool HaveSameTime(ReadOnlySpan<Frame> frames)
    {
        for (int index = 1; index < frames.Length; index++)
        {
            for (int other = 0; other < index; other++)
            {
                if (frames[index].TimeMicros == frames[other].TimeMicros)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void AssignOfRecord(Span<Frame> frames)
    {
        if (_places.Length < frames.Length)
        {
            _places = new Place[Math.Max(frames.Length, 2 * _places.Length)];
        }

        Span<Place> places = _places.AsSpan(0, frames.Length);
        for (int index = 0; index < frames.Length; index++)
        {
            places[index] = new Place(frames[index].TimeMicros, frames[index].Host.Identity, frames[index].Layout.Identity, index);
        }

        places.Sort(static (left, right) =>
            left.TimeMicros.CompareTo(right.TimeMicros) is not 0 and var byTime ? byTime
            : left.Host.AsSpan().SequenceCompareTo(right.Host) is not 0 and var byHost ? byHost
            : left.Layout.AsSpan().SequenceCompareTo(right.Layout));
        short slot = 0;
        for (int index = 1; index < places.Length; index++)
        {
            ref readonly Place before = ref places[index - 1];
            ref readonly Place place = ref places[index];
            slot = !place.IsOfTimeOf(before) ? (short)0 : place.IsOfLayoutOf(before) ? slot : (short)(slot + 1);
            if (slot > 0)
            {
                frames[place.Index] = frames[place.Index] with { Slot = slot };
            }
        }
    }

    private readonly record struct Place(long TimeMicros, byte[] Host, byte[] Layout, int Index)
    {
        public bool IsOfTimeOf(in Place other) => TimeMicros == other.TimeMicros && Host.AsSpan().SequenceEqual(other.Host);

        public bool IsOfLayoutOf(in Place other) => Layout.AsSpan().SequenceEqual(other.Layout);
    }
}
