using System.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Otlp;

/// <summary>One pass of <see cref="OtlpDecoder"/> over one record, from the outermost message inwards.</summary>
/// <remarks>
/// Fields may come in any order: a resource after its metrics, a name after its points. So three messages are gone through twice, first for what
/// describes the rest, then for the rest. Each method that is named after a message starts at its length and ends behind its last byte.
/// </remarks>
internal ref struct OtlpParser
{
    private const int NotAdded = -1;

    private readonly DecodedRecord _into;
    private WireReader _reader;
    private DecodeResult _refusal;
    private DecodedResource _resource;
    private int _resourceIndex;
    private ByteRange _scopeName;

    public OtlpParser(ReadOnlySpan<byte> record, DecodedRecord into)
    {
        _into = into;
        _reader = new WireReader(record);
    }

    /// <summary>Reads the whole record.</summary>
    public DecodeResult ReadRequest()
    {
        while (_reader.Next(out uint tag))
        {
            if (tag == OtlpTag.RequestResourceMetrics)
            {
                ReadResourceMetrics();
            }
            else
            {
                _reader.Skip(tag);
            }
        }

        return _reader.IsOk ? _refusal : new DecodeResult(_reader.Error, _reader.ErrorPosition);
    }

    private void ReadResourceMetrics()
    {
        int outer = _reader.Enter();
        WireReader start = _reader;
        FindResource();
        if (!_reader.IsOk)
        {
            return;
        }

        _reader = start;
        while (_reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.ResourceMetricsScopeMetrics:
                    ReadScopeMetrics();
                    break;
                case OtlpTag.ResourceMetricsResource:
                    _reader.Skip(tag);
                    break;
                default:
                    OtlpValidator.ReadField(ref _reader, OtlpMessage.ResourceMetrics, tag);
                    break;
            }
        }

        if (_resourceIndex == NotAdded)
        {
            _into.TruncateAttributes(_resource.AttributeStart);
        }

        _reader.Leave(outer);
    }

    // A resource that is given twice is one resource with the attributes of both.
    private void FindResource()
    {
        int attributeStart = _into.AttributeCount;
        int pieces = 0;
        ByteRange raw = default;
        while (_reader.Next(out uint tag))
        {
            if (tag != OtlpTag.ResourceMetricsResource)
            {
                _reader.Skip(tag);
                continue;
            }

            int outer = _reader.Enter();
            raw = ++pieces == 1 ? _reader.Current : default;
            ReadResourceFields();
            _reader.Leave(outer);
        }

        _resource = new DecodedResource(attributeStart, _into.AttributeCount - attributeStart, raw);
        _resourceIndex = NotAdded;
    }

    private void ReadResourceFields()
    {
        while (_reader.Next(out uint tag))
        {
            if (tag == OtlpTag.ResourceAttributes)
            {
                PointAttributes.ReadAttribute(ref _reader, _into);
            }
            else
            {
                OtlpValidator.ReadField(ref _reader, OtlpMessage.Resource, tag);
            }
        }
    }

    private void ReadScopeMetrics()
    {
        int outer = _reader.Enter();
        WireReader start = _reader;
        FindScope();
        if (!_reader.IsOk)
        {
            return;
        }

        _reader = start;
        while (_reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.ScopeMetricsMetrics:
                    ReadMetric();
                    break;
                case OtlpTag.ScopeMetricsScope:
                    _reader.Skip(tag);
                    break;
                default:
                    OtlpValidator.ReadField(ref _reader, OtlpMessage.ScopeMetrics, tag);
                    break;
            }
        }

        _reader.Leave(outer);
    }

    private void FindScope()
    {
        _scopeName = default;
        while (_reader.Next(out uint tag))
        {
            if (tag != OtlpTag.ScopeMetricsScope)
            {
                _reader.Skip(tag);
                continue;
            }

            int outer = _reader.Enter();
            while (_reader.Next(out uint field))
            {
                if (field == OtlpTag.ScopeName)
                {
                    _scopeName = _reader.ReadString();
                }
                else
                {
                    OtlpValidator.ReadField(ref _reader, OtlpMessage.Scope, field);
                }
            }

            _reader.Leave(outer);
        }
    }

    private void ReadMetric()
    {
        int outer = _reader.Enter();
        WireReader start = _reader;
        MetricHead head = ReadMetricHead();
        if (!_reader.IsOk)
        {
            return;
        }

        int pointsBefore = _into.PointCount;
        int distributionsBefore = _into.DistributionCount;
        _reader = start;
        while (_reader.Next(out uint tag))
        {
            if (tag == head.DataTag && _reader.Position >= head.DataStart)
            {
                ReadData(ref head);
            }
            else if (IsData(tag))
            {
                // Another kind of data took its place further on: only one can be given, and the last one counts.
                OtlpValidator.ReadField(ref _reader, OtlpMessage.Metric, tag);
            }
            else
            {
                _reader.Skip(tag);
            }
        }

        if (_into.PointCount > pointsBefore || _into.DistributionCount > distributionsBefore)
        {
            AddMetric(head, start.Position);
        }

        _reader.Leave(outer);
    }

    private MetricHead ReadMetricHead()
    {
        var head = default(MetricHead);
        while (_reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.MetricName:
                    head.Name = _reader.ReadString();
                    break;
                case OtlpTag.MetricDescription:
                    head.Description = _reader.ReadString();
                    break;
                case OtlpTag.MetricUnit:
                    head.Unit = _reader.ReadString();
                    break;
                default:
                    if (!IsData(tag))
                    {
                        OtlpValidator.ReadField(ref _reader, OtlpMessage.Metric, tag);
                        break;
                    }

                    // The same kind of data given in pieces is one whole; only another kind in between makes an end of what was before.
                    if (tag != head.DataTag)
                    {
                        head.DataTag = tag;
                        head.DataStart = _reader.Position;
                    }

                    _reader.Skip(tag);
                    break;
            }
        }

        return head;
    }

    private void AddMetric(in MetricHead head, int position)
    {
        if (head.Name.Length == 0)
        {
            Refuse(DecodeError.MetricNameMissing, position);
        }

        bool hasTemporality = head.DataTag is OtlpTag.MetricSum or OtlpTag.MetricHistogram or OtlpTag.MetricExponentialHistogram;
        if (hasTemporality && head.Temporality is not (Temporality.Delta or Temporality.Cumulative))
        {
            Refuse(DecodeError.TemporalityMissing, position);
        }

        if (_resourceIndex == NotAdded)
        {
            _resourceIndex = _into.ResourceCount;
            _into.Add(_resource);
        }

        _into.Add(new DecodedMetric
        {
            ResourceIndex = _resourceIndex,
            ScopeName = _scopeName,
            Name = head.Name,
            Unit = head.Unit,
            Description = head.Description,
            Kind = (MetricDataKind)WireTag.Number(head.DataTag),
            IsMonotonic = head.IsMonotonic,
            Temporality = head.Temporality,
        });
    }

    private void ReadData(ref MetricHead head)
    {
        switch (head.DataTag)
        {
            case OtlpTag.MetricGauge:
                ReadNumbers(ref head, isSum: false);
                break;
            case OtlpTag.MetricSum:
                ReadNumbers(ref head, isSum: true);
                break;
            case OtlpTag.MetricHistogram:
                ReadDistributions(ref head, MetricDataKind.Histogram);
                break;
            case OtlpTag.MetricExponentialHistogram:
                ReadDistributions(ref head, MetricDataKind.ExponentialHistogram);
                break;
            case OtlpTag.MetricSummary:
                ReadDistributions(ref head, MetricDataKind.Summary);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void ReadNumbers(ref MetricHead head, bool isSum)
    {
        int outer = _reader.Enter();
        while (_reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.DataPoints:
                    ReadPoint();
                    break;
                case OtlpTag.SumTemporality when isSum:
                    head.Temporality = (Temporality)(int)_reader.ReadVarint();
                    break;
                case OtlpTag.SumIsMonotonic when isSum:
                    head.IsMonotonic = _reader.ReadVarint() != 0;
                    break;
                default:
                    _reader.Skip(tag);
                    break;
            }
        }

        _reader.Leave(outer);
    }

    private void ReadDistributions(ref MetricHead head, MetricDataKind kind)
    {
        int outer = _reader.Enter();
        while (_reader.Next(out uint tag))
        {
            switch (tag)
            {
                case OtlpTag.DataPoints:
                    CheckPointLimit();
                    DecodeResult refusal = DistributionParser.ReadPoint(ref _reader, kind, _into);
                    Refuse(refusal.Error, refusal.Position);
                    break;
                case OtlpTag.HistogramTemporality when kind != MetricDataKind.Summary:
                    head.Temporality = (Temporality)(int)_reader.ReadVarint();
                    break;
                default:
                    _reader.Skip(tag);
                    break;
            }
        }

        _reader.Leave(outer);
    }

    private void ReadPoint()
    {
        CheckPointLimit();
        int outer = _reader.Enter();
        int start = _reader.Position;
        var attributes = new PointAttributes(_into.AttributeCount, start);
        ulong time = 0;
        ulong bits = 0;
        uint valueTag = 0;
        uint flags = 0;
        for (int field = start; _reader.Next(out uint tag); field = _reader.Position)
        {
            switch (tag)
            {
                case OtlpTag.PointTime:
                    time = _reader.ReadFixed64();
                    break;
                case OtlpTag.PointStartTime:
                    _reader.ReadFixed64();
                    break;
                case OtlpTag.PointAsDouble:
                case OtlpTag.PointAsInt:
                    valueTag = tag;
                    bits = _reader.ReadFixed64();
                    break;
                case OtlpTag.PointAttributes:
                    attributes.Read(ref _reader, _into, field);
                    break;
                case OtlpTag.PointFlags:
                    flags = (uint)_reader.ReadVarint();
                    break;
                default:
                    OtlpValidator.ReadField(ref _reader, OtlpMessage.NumberPoint, tag);
                    break;
            }
        }

        _reader.Leave(outer);
        if (time == 0)
        {
            Refuse(DecodeError.TimeMissing, start);
        }

        (double value, bool isInexact) = ToDouble(valueTag, bits);
        _into.Add(new DecodedPoint
        {
            MetricIndex = _into.MetricCount,
            AttributeStart = attributes.Start,
            AttributeCount = _into.AttributeCount - attributes.Start,
            AttributeBytes = attributes.Bytes,
            TimeUnixNano = time,
            Value = value,
            HasValue = valueTag != 0 && (flags & OtlpTag.NoRecordedValue) == 0,
            IsInexact = isInexact,
        });
    }

    private void CheckPointLimit()
    {
        if (_into.ValueCount >= OtlpDecoder.MaxPoints)
        {
            _reader.Fail(DecodeError.TooManyPoints, _reader.Position);
        }
    }

    // What any parser would refuse comes first, so reading goes on to the end: the record may yet prove to be no OTLP at all.
    private void Refuse(DecodeError error, int position)
    {
        if (error != DecodeError.None && _refusal.IsOk)
        {
            _refusal = new DecodeResult(error, position);
        }
    }

    private static (double Value, bool IsInexact) ToDouble(uint valueTag, ulong bits)
    {
        if (valueTag != OtlpTag.PointAsInt)
        {
            return (BitConverter.UInt64BitsToDouble(bits), false);
        }

        // The conversion back saturates, so the one double that is beyond every whole number has to be told apart first.
        const double TwoTo63 = 9223372036854775808.0;
        long whole = (long)bits;
        double value = whole;
        return (value, value >= TwoTo63 || (long)value != whole);
    }

    private static bool IsData(uint tag) => tag is OtlpTag.MetricGauge or OtlpTag.MetricSum
        or OtlpTag.MetricHistogram or OtlpTag.MetricExponentialHistogram or OtlpTag.MetricSummary;

    /// <summary>What stands in a metric beside its points.</summary>
    private struct MetricHead
    {
        public ByteRange Name;
        public ByteRange Unit;
        public ByteRange Description;
        public uint DataTag;

        /// <summary>Data that begins before this position was replaced by data of another kind.</summary>
        public int DataStart;
        public bool IsMonotonic;
        public Temporality Temporality;
    }
}
