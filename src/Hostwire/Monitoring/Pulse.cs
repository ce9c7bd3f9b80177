namespace Hostwire.Monitoring;

/// <summary>One loop's sign of life. Beaten by the loop, read by any thread.</summary>
/// <remarks>Reckoned on the monotonic clock, which stands still while the machine is suspended and knows nothing of a clock that was set.</remarks>
public sealed class Pulse
{
    private readonly TimeProvider _time;
    private long _beatAt;
    private volatile bool _isResting;

    internal Pulse(string name, TimeSpan limit, TimeProvider time)
    {
        Name = name;
        Limit = limit;
        _time = time;
        _beatAt = time.GetTimestamp();
    }

    /// <summary>The loop, for people.</summary>
    public string Name { get; }

    /// <summary>How long the loop may take from one beat to the next before it counts as stuck.</summary>
    public TimeSpan Limit { get; }

    /// <summary>How long ago the last beat was.</summary>
    public TimeSpan Age => _time.GetElapsedTime(Volatile.Read(ref _beatAt));

    /// <summary>Whether the loop should have come round and has not.</summary>
    public bool IsStuck => !_isResting && Age > Limit;

    /// <summary>The loop has come round.</summary>
    public void Beat()
    {
        Volatile.Write(ref _beatAt, _time.GetTimestamp());
        _isResting = false;
    }

    /// <summary>The loop has ended, as it should: nothing is expected of it any more.</summary>
    public void Rest() => _isResting = true;
}
