using System.Runtime.InteropServices;
using Hostwire.Otlp;

namespace Hostwire.Sink;

/// <summary>The fast way: part by part, those of a shape that was seen before without looking at their points.</summary>
/// <remarks>
/// It yields what the way for whole records yields, or nothing: a record with anything unusual in it is left to that way. The parts of a record mean together what each means alone, but for
/// points of one resource and time in two parts, which are one frame, and for limits and errors.
/// </remarks>
internal sealed partial class FrameBatch
{
    // A record up to this size cannot have as many points or attributes as the decoder's limits allow.
    private const int PartsMaxBytes = 1 << 20;

    /// <summary>Adds a record part by part; false where it is to be decoded as a whole, in which case nothing of it was added.</summary>
    private bool TryDecodeInParts(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte>? recordKey, int recordIndex, in (int Series, long Bytes) before)
    {
        ReadOnlySpan<byte> record = bytes.Span;
        if (record.Length > PartsMaxBytes)
        {
            return false;
        }

        BeginRecord();
        for (int position = 0; position < record.Length;)
        {
            if (!RecordPart.TryRead(record, ref position, out RecordPart part) || !TryAddPart(record, part, recordKey, before))
            {
                DropValuesOfRecord();
                return false;
            }
        }

        if (_recordGroups.Count == 0 || FramesOfRecordMax() > FramesPerRecordMax)
        {
            DropValuesOfRecord();
            return false;
        }

        EndRecord(recordIndex);
        return true;
    }

    private void DropValuesOfRecord()
    {
        CollectionsMarshal.SetCount(Values, _valuesBeforeRecord);
        CollectionsMarshal.SetCount(HasValue, _valuesBeforeRecord);
    }

    private bool TryAddPart(ReadOnlySpan<byte> record, in RecordPart part, ReadOnlyMemory<byte>? recordKey, in (int Series, long Bytes) before)
    {
        ReadOnlySpan<byte> rest = part.Rest.In(record);
        ResourceEntry? resource = cache.Known(part.Resource.In(record));
        if (resource is not null && ShapeOf(resource, rest) is { } shape)
        {
            return TryAddShape(shape, resource, rest, recordKey);
        }

        ReadOnlySpan<byte> whole = part.Whole.In(record);
        if (!OtlpDecoder.TryDecode(whole, _decoded).IsOk || TooLong(whole) is not null)
        {
            return false;
        }

        int pointsBefore = _pointsOfRecord.Count;
        if (!TryAddPoints(whole, recordKey, before) || !TryAddDistributions(whole, recordKey, before) || _isMixed)
        {
            return false;
        }

        if (resource is not null && _decoded.Distributions.IsEmpty && resource.Shapes.IsWorthLearning(rest.Length))
        {
            Learn(resource, rest, pointsBefore);
        }

        return true;
    }

    private MetricsShape? ShapeOf(ResourceEntry resource, ReadOnlySpan<byte> rest)
    {
        if (resource.Shapes.Find(resource.OfSeries, rest) is { } known)
        {
            return known;
        }

        MetricsShape? ofOthers = cache.Shapes.Find(resource.OfSeries, rest);
        if (ofOthers is not null)
        {
            resource.Shapes.Remember(rest.Length, ofOthers);
        }

        return ofOthers;
    }

    private bool TryAddShape(MetricsShape shape, ResourceEntry resource, ReadOnlySpan<byte> rest, ReadOnlyMemory<byte>? recordKey)
    {
        HostEntry host = cache.Host(resource, recordKey);
        foreach (ShapeGroup group in shape.Groups)
        {
            long timeMicros = (long)(MetricsShape.TimeOf(group, rest) / NanosPerMicro);
            if (timeMicros == 0 || !_groupsOfRecord.TryAdd((resource, host, timeMicros), _recordGroups.Count))
            {
                return false;
            }

            _recordGroups.Add(new RecordGroup(host, timeMicros, group, Values.Count));
            _groupSizes.Add(0);
            // Now, while the record is in the processor's cache.
            foreach (ShapeFrame frame in group.Frames)
            {
                AddValues(frame, rest);
            }
        }

        return true;
    }

    private void AddValues(ShapeFrame frame, ReadOnlySpan<byte> rest)
    {
        int start = Values.Count;
        CollectionsMarshal.SetCount(Values, start + frame.Values.Length);
        CollectionsMarshal.SetCount(HasValue, start + frame.Values.Length);
        _inexactOfRecord += frame.Read(rest, CollectionsMarshal.AsSpan(Values)[start..]);
        CollectionsMarshal.AsSpan(HasValue)[start..].Fill(true);
    }

    private void Learn(ResourceEntry resource, ReadOnlySpan<byte> rest, int pointsBefore)
    {
        MetricsShape? shape = cache.Shapes.Learn(
            resource.OfSeries,
            rest,
            CollectionsMarshal.AsSpan(_pointsOfRecord)[pointsBefore..],
            CollectionsMarshal.AsSpan(_groupOfPoint)[pointsBefore..],
            rules.LayoutMaxSeries,
            cache.Layouts,
            out bool isEarly);
        if (!isEarly)
        {
            resource.Shapes.Charge(rest.Length);
        }

        if (shape is not null)
        {
            resource.Shapes.Remember(rest.Length, shape);
        }
    }

    /// <summary>Adds the frames of a group whose values were read when it was decoded.</summary>
    private void Arrange(in FrameGroup group, ShapeGroup shape)
    {
        int start = group.Start;
        foreach (ShapeFrame frame in shape.Frames)
        {
            Frames.Add(new Frame(group.Host, frame.Layout, group.TimeMicros, start, group.RecordIndex));
            start += frame.Values.Length;
        }
    }
}
