namespace Hostwire.Sink;

/// <summary>A value of a series; null where <paramref name="HasValue"/> is false.</summary>
/// <param name="Series">The series.</param>
/// <param name="Value">The value.</param>
/// <param name="HasValue">Whether there is one.</param>
/// <param name="IsRepeat">It belongs to a histogram or its like that the record has given before, for the same series and time: the first stays, whole.</param>
internal readonly record struct FramePoint(SeriesEntry Series, double Value, bool HasValue, bool IsRepeat = false);
