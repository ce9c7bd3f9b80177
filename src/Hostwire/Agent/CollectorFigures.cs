namespace Hostwire.Agent;

/// <summary>How one collector fares. Written by the collectors' thread, read by any.</summary>
public sealed class CollectorFigures(string name)
{
    private long _lastTicks;
    private volatile bool _lastWorked;

    /// <summary>The collector.</summary>
    public string Name { get; } = name;

    /// <summary>How long its last call took; of one that hangs, how long it was waited for.</summary>
    public TimeSpan LastDuration => TimeSpan.FromTicks(Interlocked.Read(ref _lastTicks));

    /// <summary>Whether its last call went well.</summary>
    public bool LastWorked => _lastWorked;

    internal void Set(TimeSpan duration, bool worked)
    {
        Interlocked.Exchange(ref _lastTicks, duration.Ticks);
        _lastWorked = worked;
    }
}
