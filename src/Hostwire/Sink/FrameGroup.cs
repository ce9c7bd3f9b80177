namespace Hostwire.Sink;

/// <summary>Points of one record, resource and time: what becomes one frame, or a few where there are more series than a layout holds.</summary>
/// <param name="Host">The host.</param>
/// <param name="TimeMicros">The time, in microseconds since 1970.</param>
/// <param name="Start">Index of its first point; of its first value, where it has a shape.</param>
/// <param name="Count">Number of its points.</param>
/// <param name="RecordIndex">Index of its record in the batch.</param>
/// <param name="Shape">Where its values lay in the record, where that was known from another one; then it has no points.</param>
internal readonly record struct FrameGroup(HostEntry Host, long TimeMicros, int Start, int Count, int RecordIndex, ShapeGroup? Shape = null);
