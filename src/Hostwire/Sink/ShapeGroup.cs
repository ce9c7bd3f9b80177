namespace Hostwire.Sink;

/// <summary>Points of a <see cref="MetricsShape"/> that have one time: what becomes one frame, or a few where there are more series than a layout holds.</summary>
/// <param name="Times">Where each point's time begins.</param>
/// <param name="Frames">The frames.</param>
internal sealed record ShapeGroup(int[] Times, ShapeFrame[] Frames)
{
    /// <summary>Memory that it takes, in bytes, roughly.</summary>
    public int Size => sizeof(int) * (Times.Length + Frames.Sum(frame => frame.Values.Length));
}
