using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Simulation.Hosts;
using Hostwire.Simulation.Ledger;
using Microsoft.Extensions.Logging;

namespace Hostwire.Simulation;

/// <summary>Sends what a fleet would send: makes the scrapes in the order of their times, encodes them as agents do, and keeps the ledger.</summary>
/// <param name="request">The fleet.</param>
/// <param name="length">How much, and how fast.</param>
/// <param name="kafka">Section <c>[kafka]</c>; null: nothing is sent, all else is done.</param>
/// <param name="ledger">Where to write what became of each record; null: nowhere.</param>
/// <param name="progress">Is given a line every few seconds.</param>
/// <param name="loggers">Make loggers.</param>
/// <param name="time">The clock.</param>
internal sealed class SimulationService(
    FleetRequest request, RunLength length, KafkaOptions? kafka, LedgerWriter? ledger, Action<string> progress, ILoggerFactory loggers, TimeProvider time)
{
    // Once told to stop: how long to wait for acknowledgements.
    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<SimulationService>();
    private readonly OtlpEncoder _encoder = new(ProductVersion.Number);
    private readonly FrameDigester _digester = new();
    private readonly Scrape _scrape = new();
    private readonly List<FrameGroup> _groups = [];
    private readonly long _startedAt = time.GetTimestamp();
    private long _progressAt = time.GetTimestamp();
    private long _pointsThen;
    private DateTimeOffset? _newest;

    /// <summary>What the run has done so far.</summary>
    public SimulationCounters Counters { get; } = new();

    /// <summary>Runs to the end, or until it is told to stop; then waits for what is on its way.</summary>
    /// <exception cref="UserException">Kafka cannot be reached at all, or the ledger cannot be written.</exception>
    public async Task<SimulationReport> RunAsync(CancellationToken stopping)
    {
        ledger?.WriteHeader(new LedgerHeader(ProductVersion.Number, kafka?.Topic, request));
        var fleet = new Fleet(request);
        progress(string.Create(CultureInfo.InvariantCulture, $"{fleet.Count:n0} hosts ({request.Mix}), {(kafka is null ? "sent nowhere" : $"topic {kafka.Topic} at {kafka.BootstrapServers}")}, seed {request.Seed}"));
        bool wasStopped = false;
        await using FleetPublisher? publisher = kafka is null ? null : NewPublisher(kafka);
        try
        {
            await SendAsync(fleet, publisher, stopping);
            await FlushAsync(publisher, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            wasStopped = true;
            await FlushForAWhileAsync(publisher);
        }
        finally
        {
            await EndAsync(publisher);
        }

        return new SimulationReport
        {
            Hosts = fleet.Count,
            Records = Counters.Records,
            Acknowledged = Counters.RecordsAcknowledged,
            Refused = Counters.RecordsRefused,
            Resent = Counters.RecordsResent,
            Frames = Counters.Frames,
            Points = Counters.Points,
            Bytes = Counters.Bytes,
            Seconds = time.GetElapsedTime(_startedAt).TotalSeconds,
            Start = request.Start,
            Newest = _newest,
            WasStopped = wasStopped,
            IsDry = kafka is null,
        };
    }

    private async Task SendAsync(Fleet fleet, FleetPublisher? publisher, CancellationToken stopping)
    {
        long ticks = length.Scrapes == long.MaxValue ? long.MaxValue : length.Scrapes * fleet.Count;
        for (long number = 0; number < ticks; number++)
        {
            stopping.ThrowIfCancellationRequested();
            FleetTick tick = fleet.TickAt(number);
            await WaitUntilDueAsync(tick, publisher, stopping);
            if (publisher is not null)
            {
                await publisher.WaitForRoomAsync(stopping);
            }

            if (!tick.Host.TryScrape(tick.Time, tick.SlowIsDue, _scrape, _groups))
            {
                Counters.ScrapesWhileDown++;
                continue;
            }

            _newest = DateTimeOffset.UnixEpoch.AddTicks(tick.Time);
            SimulatedRecord record = Make(tick.Host, publisher);
            Count(record);
            if (publisher is null)
            {
                ledger?.WriteUnacknowledged(record, "made, not sent");
            }
            else
            {
                publisher.Send(record);
            }

            ReportProgress();
        }
    }

    private SimulatedRecord Make(SimulatedHost host, FleetPublisher? publisher)
    {
        var frames = new LedgerFrame[_groups.Count];
        for (int index = 0; index < frames.Length; index++)
        {
            frames[index] = _digester.FrameOf(host, _groups[index], _scrape);
        }

        ReadOnlySpan<byte> value = _encoder.Encode(host.Source, _scrape.Points).Span;
        Counters.Bytes += value.Length;
        return new SimulatedRecord(host.Identity.Name, publisher?.Copy(value) ?? [], frames);
    }

    private void Count(SimulatedRecord record)
    {
        Counters.Records++;
        Counters.Frames += record.Frames.Length;
        Counters.Points += record.Points;
    }

    private async ValueTask WaitUntilDueAsync(FleetTick tick, FleetPublisher? publisher, CancellationToken stopping)
    {
        while (!length.IsFast)
        {
            TimeSpan left = DateTimeOffset.UnixEpoch.AddTicks(tick.Time) - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            // Progress goes on meanwhile, and so do the acknowledgements.
            left = left < ProgressEvery ? left : ProgressEvery;
            if (publisher is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time, stopping);
            }
            else
            {
                await publisher.WaitAsync(left, stopping);
            }

            ReportProgress();
        }
    }

    private async Task FlushAsync(FleetPublisher? publisher, CancellationToken stopping)
    {
        while (publisher is { Waiting: > 0 })
        {
            await publisher.WaitAsync(ProgressEvery, stopping);
            ReportProgress();
        }
    }

    private async Task FlushForAWhileAsync(FleetPublisher? publisher)
    {
        using var ending = new CancellationTokenSource(FlushMax, time);
        try
        {
            await FlushAsync(publisher, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The report and the ledger say what is missing.
        }
    }

    private async Task EndAsync(FleetPublisher? publisher)
    {
        if (publisher is not null)
        {
            await publisher.DisposeAsync();
            publisher.WriteUnacknowledged();
        }

        ledger?.WriteEnd(Counters);
    }

    private FleetPublisher NewPublisher(KafkaOptions options)
    {
        var log = new LibrdkafkaLog(loggers.CreateLogger("Hostwire.Kafka"), time);
        return new FleetPublisher(happened => new KafkaFleetSender(options, happened, log), options, ledger, Counters, _logger, time);
    }

    private void ReportProgress()
    {
        TimeSpan elapsed = time.GetElapsedTime(_progressAt);
        if (elapsed < ProgressEvery)
        {
            return;
        }

        double rate = (Counters.Points - _pointsThen) / elapsed.TotalSeconds;
        string acknowledged = kafka is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {Counters.RecordsAcknowledged:n0} acknowledged");
        string newest = _newest is { } tick ? string.Create(CultureInfo.InvariantCulture, $", up to {tick.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "";
        progress(string.Create(CultureInfo.InvariantCulture, $"{Counters.Records:n0} records made{acknowledged}, {Counters.Points:n0} points, {rate:n0} points/s{newest}"));
        (_progressAt, _pointsThen) = (time.GetTimestamp(), Counters.Points);
        ledger?.Flush();
    }
}
