namespace Hostwire.Sink;

/// <summary>A point that a record gave twice for one series and time, with different values; the first one was kept.</summary>
/// <param name="FrameIndex">Index of the frame that holds the first.</param>
/// <param name="Value">The value that was not kept.</param>
internal readonly record struct PointConflict(int FrameIndex, double Value);
