namespace Hostwire.Otlp;

/// <summary>Consecutive points of one metric in a scrape, chained to the next such run of the same metric.</summary>
/// <param name="start">Index of the first point.</param>
/// <param name="count">How many points.</param>
internal struct OtlpPointRun(int start, int count)
{
    /// <summary>The index that stands for no run.</summary>
    public const int None = -1;

    /// <summary>Index of the first point.</summary>
    public readonly int Start => start;

    /// <summary>How many points.</summary>
    public readonly int Count => count;

    /// <summary>Index of the metric's next run.</summary>
    public int Next { get; set; } = None;
}
