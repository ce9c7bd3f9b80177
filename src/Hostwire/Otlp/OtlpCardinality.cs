namespace Hostwire.Otlp;

/// <summary>How often a field may stand in its message, and when it counts as given.</summary>
internal enum OtlpCardinality
{
    /// <summary>Once; zero, false and empty are the same as absent.</summary>
    Implicit,

    /// <summary>Once; given as zero is not the same as absent.</summary>
    Optional,

    /// <summary>Any number of times.</summary>
    Repeated,

    /// <summary>As one of several of which the last one given counts. No message has more than one such set.</summary>
    Oneof,
}
