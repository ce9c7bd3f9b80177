namespace Hostwire.Sink;

/// <summary>A value of a series; null where <paramref name="HasValue"/> is false.</summary>
internal readonly record struct FramePoint(SeriesEntry Series, double Value, bool HasValue);
