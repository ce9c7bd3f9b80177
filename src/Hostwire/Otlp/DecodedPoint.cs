namespace Hostwire.Otlp;

/// <summary>One point of a gauge or a sum.</summary>
public readonly record struct DecodedPoint
{
    /// <summary>Index of its metric in <see cref="DecodedRecord.Metrics"/>.</summary>
    public required int MetricIndex { get; init; }

    /// <summary>Index of its first attribute in <see cref="DecodedRecord.Attributes"/>.</summary>
    public required int AttributeStart { get; init; }

    /// <summary>Number of its attributes.</summary>
    public required int AttributeCount { get; init; }

    /// <summary>
    /// The bytes of all its attribute fields, tags included: equal bytes mean equal attributes. Length 0 though there are attributes:
    /// other fields stand between them.
    /// </summary>
    public required ByteRange AttributeBytes { get; init; }

    /// <summary>When it was measured, in nanoseconds since 1970; never 0.</summary>
    public required ulong TimeUnixNano { get; init; }

    /// <summary>The value, bit by bit as sent, whole numbers as the nearest double; 0 and without meaning where there is none.</summary>
    public required double Value { get; init; }

    /// <summary>False where the sender says that nothing was recorded (a series that went stale), or gave no value.</summary>
    public required bool HasValue { get; init; }

    /// <summary>The value was a whole number that no double equals: beyond 2^53.</summary>
    public required bool IsInexact { get; init; }
}
