namespace Hostwire.Metrics;

/// <summary>One value of one series at one time.</summary>
public readonly record struct ScrapePoint
{
    private readonly long _bits;

    /// <summary>A whole number; time in nanoseconds since 1970.</summary>
    public ScrapePoint(Series series, long timeUnixNano, long value)
        : this(series, timeUnixNano, value, isInteger: true)
    {
    }

    /// <summary>A fraction; time in nanoseconds since 1970.</summary>
    public ScrapePoint(Series series, long timeUnixNano, double value)
        : this(series, timeUnixNano, BitConverter.DoubleToInt64Bits(value), isInteger: false)
    {
    }

    private ScrapePoint(Series series, long timeUnixNano, long bits, bool isInteger)
    {
        Series = series;
        TimeUnixNano = timeUnixNano;
        _bits = bits;
        IsInteger = isInteger;
    }

    /// <summary>What was measured.</summary>
    public Series Series { get; }

    /// <summary>When it was read, in nanoseconds since 1970.</summary>
    public long TimeUnixNano { get; }

    /// <summary>Whether the value is a whole number, which OTLP carries as <c>as_int</c>.</summary>
    public bool IsInteger { get; }

    /// <summary>The value as a whole number; only where <see cref="IsInteger"/>.</summary>
    public long Integer => _bits;

    /// <summary>The value as PostgreSQL will hold it; whole numbers beyond 2^53 become the nearest double.</summary>
    public double Double => IsInteger ? _bits : BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The same value under another time.</summary>
    public ScrapePoint At(long timeUnixNano) => new(Series, timeUnixNano, _bits, IsInteger);
}
