using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>Whether the host's clock is kept right, as the kernel knows it from whoever does that (chrony, ntpd, systemd-timesyncd).</summary>
/// <remarks>Quiet where the system call is not permitted: in containers, and in services with systemd's <c>ProtectClock</c>.</remarks>
public sealed class ClockCollector : ICollector
{
    private static Metric Offset { get; } = Seconds("offset", "What the kernel has still to correct; positive where the clock is slow.");

    private static Metric MaxError { get; } = Seconds("error.max", "By how much the clock may be wrong at most; grows until the clock is set right again.");

    private static Metric EstimatedError { get; } = Seconds("error.estimated", "By how much the clock is probably wrong.");

    private static Metric Synchronized { get; } = new()
    {
        Name = "hostwire.clock.synchronized",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = true,
        Description = "1 where something keeps the clock right, else 0.",
        Source = "adjtimex(2)",
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "clock",
        "Whether the clock is synchronized, its offset and its error.",
        IntervalSeconds: 30,
        [Offset, MaxError, EstimatedError, Synchronized],
        _ => new ClockCollector());

    private readonly ReadState _tryRead;
    private readonly Series _offset = new(Offset);
    private readonly Series _maxError = new(MaxError);
    private readonly Series _estimatedError = new(EstimatedError);
    private readonly Series _synchronized = new(Synchronized);

    /// <summary>Makes one that asks the system.</summary>
    public ClockCollector()
        : this(Adjtimex.TryRead)
    {
    }

    /// <summary>Makes one that asks <paramref name="tryRead"/>, for tests.</summary>
    internal ClockCollector(ReadState tryRead) => _tryRead = tryRead;

    /// <summary>Asks for the state of the clock; false where it may not be asked.</summary>
    internal delegate bool ReadState(out ClockState state);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (!_tryRead(out ClockState state))
        {
            return;
        }

        scrape.Add(_offset, state.OffsetSeconds);
        scrape.Add(_maxError, state.MaxErrorSeconds);
        scrape.Add(_estimatedError, state.EstimatedErrorSeconds);
        scrape.Add(_synchronized, state.IsSynchronized ? 1L : 0L);
    }

    private static Metric Seconds(string name, string description) => new()
    {
        Name = $"hostwire.clock.{name}",
        Unit = "s",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = description,
        Source = "adjtimex(2)",
    };
}
