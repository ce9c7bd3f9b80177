namespace Hostwire.EndToEnd.Drain;

/// <summary>A point of a record.</summary>
/// <param name="Series">Its place among the series of its host.</param>
/// <param name="Group">Its place among the times of the record: points of one group have one time, and become one frame.</param>
/// <param name="TimeMicros">Its time, in microseconds since 1970.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct SentPoint(int Series, int Group, long TimeMicros, double Value);
