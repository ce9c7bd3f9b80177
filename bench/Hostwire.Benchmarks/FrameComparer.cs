namespace Hostwire.Benchmarks;

/// <summary>Compares frames by time, then by their values one after the other.</summary>
internal sealed class FrameComparer : IComparer<(long TimeMicros, double[] Values)>, IEqualityComparer<(long TimeMicros, double[] Values)>
{
    /// <summary>The one there is.</summary>
    public static FrameComparer Instance { get; } = new();

    public int Compare((long TimeMicros, double[] Values) x, (long TimeMicros, double[] Values) y) =>
        x.TimeMicros != y.TimeMicros ? x.TimeMicros.CompareTo(y.TimeMicros) : x.Values.AsSpan().SequenceCompareTo(y.Values);

    public bool Equals((long TimeMicros, double[] Values) x, (long TimeMicros, double[] Values) y) => Compare(x, y) == 0;

    public int GetHashCode((long TimeMicros, double[] Values) obj) => obj.TimeMicros.GetHashCode();
}
