using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>Stored offsets are shown, and set under the feet of a running sink.</summary>
public sealed class OffsetsTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("offsets");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Offset_that_is_set_back_is_read_again_without_storing_anything_twice_and_one_that_is_set_forward_leaves_a_gap()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var host = new SyntheticHost("offset-host", seed: 1);
        string config = await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database, "[metrics]\nsink_listen = \"\""));
        string maintenance = await _files.WriteAsync("maintenance.toml", SinkSettings.Text(kafka.BootstrapServers, topic, database.UriOf(database.Roles.Maintenance)));
        Task<RunResult> RunAsync(params string[] arguments) => hostwire.RunAsync(["sink", "offsets", .. arguments, "--config", maintenance], cancellationToken: Cancellation);

        RunResult none = await RunAsync("set", "--partition", "0", "--to", "earliest", "--yes");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("has claimed partition 0", none.StandardError, StringComparison.Ordinal);

        await kafka.Client.ProduceAsync(topic, Enumerable.Range(0, 20).Select(_ => new RawRecord(host.NextRecord())), Cancellation);
        await using (ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]))
        {
            await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
            RunResult shown = await RunAsync("show");
            Assert.Matches($@"{topic}\s+{topic}\s+0\s+20\s", shown.StandardOutput);

            RunResult dry = await RunAsync("set", "--partition", "0", "--to", "5");
            Assert.True(dry.ExitCode == 0, dry.StandardError);
            Assert.Contains("next offset 20 -> 5. 15 records are read again;", dry.StandardOutput, StringComparison.Ordinal);
            Assert.Contains("Nothing was changed: give --yes to do it.", dry.StandardOutput, StringComparison.Ordinal);
            Assert.Equal(20, await database.ScalarAsync<long>("SELECT next_offset FROM hostwire.kafka_offset", Cancellation));

            // Something new wakes the sink, which finds its claim void and reads all of it again.
            RunResult done = await RunAsync("set", "--partition", "0", "--to", "earliest", "--yes");
            Assert.True(done.ExitCode == 0, done.StandardError);
            await kafka.Client.ProduceAsync(topic, [new RawRecord(host.NextRecord())], Cancellation);
            await Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT next_offset FROM hostwire.kafka_offset", Cancellation) == 21, "all to be stored again", Cancellation, sink);
            await sink.WaitForLineAsync(line => line.Contains("Claimed a partition", StringComparison.Ordinal) && line.Contains("offset=0 end=21", StringComparison.Ordinal), Cancellation);
            await SinkSettings.StopAsync(sink, Cancellation);
        }

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        RunResult beyond = await RunAsync("set", "--partition", "0", "--to", "22", "--yes");
        Assert.Equal(1, beyond.ExitCode);
        Assert.Contains("Kafka has the offsets 0 to 21 of partition 0", beyond.StandardError, StringComparison.Ordinal);

        var skipped = new SyntheticHost("skipped-host", seed: 2);
        await kafka.Client.ProduceAsync(topic, [new RawRecord(skipped.NextRecord()), new RawRecord(skipped.NextRecord())], Cancellation);
        RunResult forward = await RunAsync("set", "--partition", "0", "--to", "latest", "--yes");
        Assert.Contains("next offset 21 -> 23. 2 records are skipped and never stored; hostwire.gap will say so.", forward.StandardOutput, StringComparison.Ordinal);
        Assert.Equal("21 23 Skipped by hand: hostwire sink offsets set.", await database.ScalarAsync<string>("SELECT from_offset || ' ' || to_offset || ' ' || reason FROM hostwire.gap", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();
}
