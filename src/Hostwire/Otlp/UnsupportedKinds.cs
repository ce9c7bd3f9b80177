namespace Hostwire.Otlp;

/// <summary>Kinds of points that are checked and counted, but not yet decoded.</summary>
[Flags]
public enum UnsupportedKinds
{
    /// <summary>None was found.</summary>
    None = 0,

    /// <summary>Points of a histogram with explicit bounds.</summary>
    Histogram = 1,

    /// <summary>Points of an exponential histogram.</summary>
    ExponentialHistogram = 2,

    /// <summary>Points of a summary.</summary>
    Summary = 4,
}
