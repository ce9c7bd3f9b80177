namespace Hostwire.Diagnostics;

/// <summary>How long to wait before the next attempt: a second, doubled up to half a minute, each moved at random by up to a fifth so that a fleet does not return as one.</summary>
internal sealed class RetryDelay
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    private int _failures;

    /// <summary>The wait after one more failure.</summary>
    public TimeSpan Next()
    {
        double seconds = Math.Min(Math.Pow(2, _failures), Max.TotalSeconds);
        _failures = Math.Min(_failures + 1, 16);
        return TimeSpan.FromSeconds(seconds * (0.8 + (0.4 * Random.Shared.NextDouble())));
    }

    /// <summary>An attempt went well.</summary>
    public void Reset() => _failures = 0;
}
