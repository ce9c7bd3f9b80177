namespace Hostwire.Otlp;

/// <summary>Why a record was refused: by the rules of protobuf, or by ours.</summary>
public enum DecodeError
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>A field, or a length, reaches beyond the message it stands in.</summary>
    Truncated,

    /// <summary>A varint of more than ten bytes.</summary>
    MalformedVarint,

    /// <summary>Field number 0.</summary>
    InvalidTag,

    /// <summary>Wire type 6 or 7, which do not exist.</summary>
    InvalidWireType,

    /// <summary>The end of a group that was never started, or the end of another group.</summary>
    UnexpectedEndGroup,

    /// <summary>A length of 2 GiB or more.</summary>
    NegativeLength,

    /// <summary>Messages or groups nested more than <see cref="WireReader.MaxDepth"/> deep.</summary>
    TooDeep,

    /// <summary>A string that is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>Well formed, but more than <see cref="OtlpDecoder.MaxPoints"/> points, buckets and quantiles: a bound on what one record may cost.</summary>
    TooManyPoints,

    /// <summary>Well formed, but more than <see cref="OtlpDecoder.MaxAttributes"/> attributes: a bound on what one record may cost.</summary>
    TooManyAttributes,

    /// <summary>Well formed, but a point has no time; OTLP says that it should be refused.</summary>
    TimeMissing,

    /// <summary>Well formed, but a sum or a histogram with points is neither delta nor cumulative, so that nobody knows what its values mean.</summary>
    TemporalityMissing,

    /// <summary>Well formed, but a metric with points has no name to store them under.</summary>
    MetricNameMissing,

    /// <summary>Well formed, but a histogram's buckets are not one more than its bounds, so that nobody knows which is which.</summary>
    BucketsMismatched,

    /// <summary>Well formed, but a histogram's bounds are not finite numbers in ascending order.</summary>
    BoundsDisordered,
}
