namespace Hostwire.Sink;

/// <summary>A layout: a set of series in ascending order of their numbers, which is the order of a frame's values.</summary>
internal sealed class LayoutEntry(byte[] identity, int[] seriesIds) : DictionaryEntry(identity)
{
    public int[] SeriesIds { get; } = seriesIds;
}
