namespace Hostwire.Simulation.Hosts;

/// <summary>A stretch of a scrape's points that have one time: what becomes a frame.</summary>
/// <param name="Kind">Which series they are.</param>
/// <param name="Start">Place of the first point.</param>
/// <param name="Count">How many.</param>
internal readonly record struct FrameGroup(FrameKind Kind, int Start, int Count);
