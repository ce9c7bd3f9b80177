namespace Hostwire.Otlp;

/// <summary>What came of decoding a record: success, or the reason and the place of the refusal.</summary>
/// <param name="Error">The reason; <see cref="DecodeError.None"/> for success.</param>
/// <param name="Position">The byte of the record at which it was noticed; for points and metrics, where their message starts.</param>
public readonly record struct DecodeResult(DecodeError Error, int Position)
{
    /// <summary>The record was decoded.</summary>
    public static DecodeResult Ok => default;

    /// <summary>Whether the record was decoded.</summary>
    public bool IsOk => Error == DecodeError.None;

    /// <summary>Whether the bytes are no such message at all: any protobuf parser refuses them. False for refusals that are ours alone.</summary>
    public bool IsMalformed => Error is > DecodeError.None and < DecodeError.TooManyPoints;

    /// <summary>One sentence for people, fit for a dead letter or a log.</summary>
    public string Reason => ReasonAt($"byte {Position}");

    /// <summary>The same where positions in these bytes mean nothing to people: <paramref name="place"/> says where it is.</summary>
    public string ReasonAt(string place) => Error switch
    {
        DecodeError.None => "The record is well formed.",
        DecodeError.Truncated => $"Not OTLP: the field at {place} is cut off.",
        DecodeError.MalformedVarint => $"Not OTLP: the number at {place} has no end.",
        DecodeError.InvalidTag => $"Not OTLP: field number 0 at {place}.",
        DecodeError.InvalidWireType => $"Not OTLP: unknown wire type at {place}.",
        DecodeError.UnexpectedEndGroup => $"Not OTLP: a group ends at {place} that was not started.",
        DecodeError.NegativeLength => $"Not OTLP: the length at {place} is 2 GiB or more.",
        DecodeError.TooDeep => $"Not OTLP: messages are nested more than {WireReader.MaxDepth} deep at {place}.",
        DecodeError.InvalidUtf8 => $"Not OTLP: the text at {place} is not UTF-8.",
        DecodeError.TooManyPoints => $"The record has more than {OtlpDecoder.MaxPoints} points, buckets and quantiles (reached at {place}).",
        DecodeError.TooManyAttributes => $"The record has more than {OtlpDecoder.MaxAttributes} attributes (reached at {place}).",
        DecodeError.TimeMissing => $"The point at {place} has no time.",
        DecodeError.TemporalityMissing => $"The sum or histogram at {place} is neither delta nor cumulative.",
        DecodeError.MetricNameMissing => $"The metric at {place} has no name.",
        DecodeError.BucketsMismatched => $"The histogram's point at {place} has buckets, but not one more than bounds.",
        DecodeError.BoundsDisordered => $"The bounds of the histogram's point at {place} are not finite numbers in ascending order.",
        _ => throw new InvalidOperationException($"{Error} has no sentence."),
    };
}
