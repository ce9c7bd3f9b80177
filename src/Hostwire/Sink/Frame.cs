namespace Hostwire.Sink;

/// <summary>A row of <c>hostwire.frame</c>, with its values in <see cref="FrameBatch"/>.</summary>
/// <param name="Host">The host.</param>
/// <param name="Layout">Which series the values belong to.</param>
/// <param name="TimeMicros">The time, in microseconds since 1970.</param>
/// <param name="Start">Index of its first value.</param>
/// <param name="RecordIndex">Index of its record in the batch.</param>
internal readonly record struct Frame(HostEntry Host, LayoutEntry Layout, long TimeMicros, int Start, int RecordIndex)
{
    /// <summary>Tells it from other frames of its host and time: 0 for the first of them. Where some of these are stored already it gets another one.</summary>
    public short Slot { get; init; }

    /// <summary>Number of its values.</summary>
    public int Count => Layout.SeriesIds.Length;

    /// <summary>The UTC day whose partition it belongs to.</summary>
    public DateOnly Day => DateOnly.FromDateTime(DateTime.UnixEpoch.AddMicroseconds(TimeMicros));
}
