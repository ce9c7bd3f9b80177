using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Drain;

/// <summary>Lets the published binary drain the topic into a fresh database.</summary>
internal sealed class SinkDrain(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire, DrainData data)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan StandstillMax = TimeSpan.FromMinutes(3);

    /// <summary>Drains, and compares what is stored with what was sent.</summary>
    public async Task<DrainRun> RunAsync(Checksum expected, CancellationToken cancellationToken)
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        await database.ExecuteAsync("checkpoint", cancellationToken);
        using var directory = new TestDirectory("sink");
        int port = FreePort.Next();
        string settings = await directory.WriteAsync("hostwire.toml", $"""
            [kafka]
            bootstrap_servers = "{kafka.BootstrapServers}"
            security = "plaintext"
            topic = "{data.Topic}"

            [postgres]
            uri = "{database.Uri}"

            [sink]
            group = "drain-{Guid.NewGuid():n}"

            [metrics]
            sink_listen = "127.0.0.1:{port}"

            """);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", settings]);
        using var metrics = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);

        // A claim is committed before the first record is asked for, and a look may come late, so both ends are taken to the sink's disadvantage.
        long start = await WaitAsync(connection, sink, stored => stored is not null, cancellationToken);
        double cpuBefore = ProcessFigures.CpuSeconds(sink.Id);
        double allocatedBefore = await AllocatedAsync(metrics, cancellationToken);
        await WaitAsync(connection, sink, stored => stored == data.Records, cancellationToken);
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        double cpu = ProcessFigures.CpuSeconds(sink.Id) - cpuBefore;
        double peak = ProcessFigures.PeakMebibytes(sink.Id);
        double allocated = await AllocatedAsync(metrics, cancellationToken) - allocatedBefore;
        sink.Signal(UnixSignal.Terminate);
        int exitCode = await sink.WaitForExitAsync(cancellationToken);
        if (exitCode != 0)
        {
            throw new BenchFailedException($"the sink ended with {exitCode}:\n{sink.Describe()}");
        }

        Checksum stored = await Checksum.OfFramesAsync(database, cancellationToken);
        return stored == expected
            ? new DrainRun(seconds, cpu, peak, allocated / data.Records, await Yardsticks.FrameBytesAsync(database, cancellationToken))
            : throw new BenchFailedException($"stored is {stored}, sent was {expected}.\n{sink.Describe()}");
    }

    /// <summary>Looks at the stored offsets until they are as wanted (null: there are none yet); returns the time of the look before.</summary>
    private static async Task<long> WaitAsync(NpgsqlConnection connection, ChildProcess sink, Func<long?, bool> isReached, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select sum(next_offset)::bigint from hostwire.kafka_offset", connection);
        await command.PrepareAsync(cancellationToken);
        long before = TimeProvider.System.GetTimestamp();
        long changedAt = before;
        long? last = null;
        while (true)
        {
            long now = TimeProvider.System.GetTimestamp();
            long? stored = await command.ExecuteScalarAsync(cancellationToken) as long?;
            if (isReached(stored))
            {
                return before;
            }

            changedAt = stored == last ? changedAt : now;
            last = stored;
            if (sink.HasExited || TimeProvider.System.GetElapsedTime(changedAt) > StandstillMax)
            {
                throw new BenchFailedException($"the sink stands still at {stored} records:\n{sink.Describe()}");
            }

            before = now;
            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    private static async Task<double> AllocatedAsync(HttpClient metrics, CancellationToken cancellationToken) =>
        MetricsPage.Sum(await metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken), "dotnet_gc_heap_total_allocated_bytes_total");
}
