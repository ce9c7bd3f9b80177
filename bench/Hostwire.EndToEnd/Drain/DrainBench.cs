using System.Globalization;
using System.Text.Json.Nodes;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd.Drain;

/// <summary>
/// How fast a sink drains a topic, beside what psql needs for the same points on the same server: copied into a narrow table, and copied as frames that
/// were made beforehand. Everything in turn, several times, medians; what is stored is compared with what was sent.
/// </summary>
internal static class DrainBench
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(BenchArguments arguments, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        var options = new DrainOptions(
            arguments.Number("points", 20_000_000), arguments.Number("hosts", 1000), arguments.Number("partitions", 4), arguments.Number("rounds", 3), arguments.Number("records-per-batch", 10_000));
        string shape = arguments.Word("shape", "both", "both", "agent", "collector");
        arguments.End();
        Machine machine = await Machine.ReadAsync();
        await using PostgresServer postgres = PostgresServer.CreateOwn(ServerSettings.Durable);
        await using KafkaBroker kafka = KafkaBroker.CreateOwn();
        using var hostwire = new PublishedBinary();
        await postgres.EnsureStartedAsync(cancellationToken);
        await kafka.EnsureStartedAsync(cancellationToken);
        string versions = await Versions.ReadAsync(postgres, hostwire, cancellationToken);
        await output.WriteLineAsync($"{machine}\n{versions}\n{ServerSettings.Describe(ServerSettings.Durable)}; logged tables");
        DateTimeOffset start = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddHours(-18);
        var json = new JsonObject
        {
            ["bench"] = "drain",
            ["machine"] = machine.ToJson(),
            ["commit"] = machine.Commit,
            ["date"] = machine.Date,
            ["versions"] = versions,
            ["partitions"] = options.Partitions,
            ["records_per_batch"] = options.RecordsPerBatch,
            ["rounds"] = options.Rounds,
        };
        if (shape is not "collector")
        {
            json["agent"] = await MeasureAsync("agent", new AgentShape(options.Hosts, start));
        }

        if (shape is not "agent")
        {
            json["collector"] = await MeasureAsync("collector", new CollectorShape(options.Hosts));
        }

        await output.WriteLineAsync(json.ToJsonString(Machine.Json));
        return 0;

        async Task<JsonObject> MeasureAsync(string name, IRecordShape records)
        {
            await progress.WriteLineAsync($"{name}: making the points ...");
            using DrainData data = await DrainData.MakeAsync(kafka, records, start, options, cancellationToken);
            return await MeasureShapeAsync(data, kafka, postgres, hostwire, options, output, progress, cancellationToken);
        }
    }

    private static async Task<JsonObject> MeasureShapeAsync(
        DrainData data, KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire, DrainOptions options, TextWriter output, TextWriter progress, CancellationToken cancellationToken)
    {
        var yardsticks = new Yardsticks(postgres, data);
        var drain = new SinkDrain(kafka, postgres, hostwire, data);
        var narrow = new List<(double Seconds, long Bytes)>();
        var frames = new List<(double Seconds, long Bytes)>();
        var drains = new List<DrainRun>();
        Checksum? sent = null;
        for (int round = 1; round <= options.Rounds; round++)
        {
            (double seconds, long bytes, Checksum? checksum) = await yardsticks.NarrowAsync(withChecksum: sent is null, cancellationToken);
            sent ??= checksum;
            narrow.Add((seconds, bytes));
            frames.Add(await yardsticks.FramesAsync(cancellationToken));
            drains.Add(await drain.RunAsync(sent!, cancellationToken));
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  round {round}: narrow {narrow[^1].Seconds:0.00} s, frames {frames[^1].Seconds:0.00} s, sink {drains[^1].Seconds:0.00} s ({drains[^1].CpuSeconds:0.00} s of CPU, {drains[^1].PeakMebibytes:0} MiB, {drains[^1].AllocatedPerRecord:0} bytes allocated a record)"));
        }

        if (sent!.Points != data.Points)
        {
            throw new BenchFailedException($"the narrow table holds {sent.Points} points of {data.Points}");
        }

        double perNarrow = data.Points / Sample.Median(narrow.Select(run => run.Seconds));
        double perFrames = data.Points / Sample.Median(frames.Select(run => run.Seconds));
        double perSink = data.Points / Sample.Median(drains.Select(run => run.Seconds));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            {data}; {options.Partitions} partitions, {options.RecordsPerBatch} records a producer's batch at most; medians of {options.Rounds}

            |                                            |  points/s | bytes/point | ratio to (a) | ratio to (b) |
            |--------------------------------------------|----------:|------------:|-------------:|-------------:|
            | (a) psql \copy, narrow table, primary key  | {perNarrow,9:0} | {Sample.Median(narrow.Select(run => (double)run.Bytes)) / data.Points,11:0.0} | {1,12:0.00} | {perNarrow / perFrames,12:0.000} |
            | (b) psql \copy, frames made beforehand     | {perFrames,9:0} | {Sample.Median(frames.Select(run => (double)run.Bytes)) / data.Points,11:0.0} | {perFrames / perNarrow,12:0.00} | {1,12:0.000} |
            | (c) hostwire sink, from Kafka              | {perSink,9:0} | {Sample.Median(drains.Select(run => (double)run.Bytes)) / data.Points,11:0.0} | {perSink / perNarrow,12:0.00} | {perSink / perFrames,12:0.000} |

            sink: {Sample.Median(drains.Select(run => run.CpuSeconds)):0.00} s of CPU, {Sample.Median(drains.Select(run => run.PeakMebibytes)):0.0} MiB peak, {Sample.Median(drains.Select(run => run.AllocatedPerRecord)):0} bytes allocated a record
            """));
        return new JsonObject
        {
            ["points"] = data.Points,
            ["records"] = data.Records,
            ["record_bytes"] = data.Bytes / data.Records,
            ["frames_per_record"] = data.Shape.Groups,
            ["hosts"] = data.Hosts,
            ["checksum"] = sent.Sum,
            ["narrow_points_per_second"] = Math.Round(perNarrow),
            ["frames_points_per_second"] = Math.Round(perFrames),
            ["sink_points_per_second"] = Math.Round(perSink),
            ["sink_to_narrow"] = Math.Round(perSink / perNarrow, 2),
            ["sink_to_frames"] = Math.Round(perSink / perFrames, 3),
            ["narrow_bytes_per_point"] = Math.Round(Sample.Median(narrow.Select(run => (double)run.Bytes)) / data.Points, 2),
            ["frames_bytes_per_point"] = Math.Round(Sample.Median(frames.Select(run => (double)run.Bytes)) / data.Points, 2),
            ["sink_bytes_per_point"] = Math.Round(Sample.Median(drains.Select(run => (double)run.Bytes)) / data.Points, 2),
            ["sink_cpu_seconds"] = Math.Round(Sample.Median(drains.Select(run => run.CpuSeconds)), 2),
            ["sink_peak_mebibytes"] = Math.Round(Sample.Median(drains.Select(run => run.PeakMebibytes)), 1),
            ["sink_allocated_bytes_per_record"] = Math.Round(Sample.Median(drains.Select(run => run.AllocatedPerRecord)), 1),
            ["narrow_seconds"] = Round(narrow.Select(run => run.Seconds)),
            ["frames_seconds"] = Round(frames.Select(run => run.Seconds)),
            ["sink_seconds"] = Round(drains.Select(run => run.Seconds)),
        };
    }

    private static JsonArray Round(IEnumerable<double> seconds) => [.. seconds.Select(one => JsonValue.Create(Math.Round(one, 3)))];
}
