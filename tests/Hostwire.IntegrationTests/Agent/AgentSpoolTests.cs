using Confluent.Kafka;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Agent;

/// <summary>What an agent has measured outlives it.</summary>
public sealed class AgentSpoolTests(KafkaBroker kafka, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("spool");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Spool => _files["spool.db"];

    [Fact]
    public async Task Agent_that_is_killed_again_and_again_loses_at_most_the_scrape_in_progress()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        string outage = await WriteAsync("outage.toml", $"127.0.0.1:{FreePort.Next()}", topic);
        ulong[] before = [];
        for (int run = 0; run < 4; run++)
        {
            await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", outage]);
            ulong[] seen = [];
            await Eventually.TrueAsync(() => Task.FromResult((seen = SpoolRows.Times(Spool)).Length >= before.Length + 3), "three scrapes more in the spool", Cancellation, agent);
            agent.Signal(UnixSignal.Kill);
            await agent.WaitForExitAsync(Cancellation);
            ulong[] after = SpoolRows.Times(Spool);
            Assert.Equal(before, after[..before.Length]);
            Assert.Equal(seen, after[..seen.Length]);
            before = after;
        }

        string normal = await WriteAsync("normal.toml", kafka.BootstrapServers, topic);
        await using ChildProcess last = await hostwire.StartAsync(["agent", "--config", normal]);
        await Eventually.TrueAsync(
            async () => (await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum() >= before.Length + 2, "the backlog and two scrapes more on the topic", Cancellation, last);
        last.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await last.WaitForExitAsync(Cancellation));
        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await kafka.Client.ConsumeAllAsync(topic, Cancellation);
        ulong[] sent = [.. records.Select(record => AgentRecords.Times(record)[0])];
        Assert.Equal(sent.Length, sent.Distinct().Count());
        Assert.Equal(before, sent.Where(before.Contains).Order());
        Assert.Empty(SpoolRows.Times(Spool));
    }

    [Fact]
    public async Task Full_disk_means_memory_until_there_is_room_again()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("Only root may mount a small file system.");
        }

        string disk = _files["disk"];
        Directory.CreateDirectory(disk);
        string config = await WriteAsync("full.toml", $"127.0.0.1:{FreePort.Next()}", "topic", Path.Combine(disk, "spool.db"));

        // In a mount namespace of its own, so that nothing stays mounted whatever becomes of the test.
        await using ChildProcess agent = await ChildProcess.StartAsync(
            "unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size=4m tmpfs {disk} && {{ dd if=/dev/zero of={disk}/filler bs=64k 2>/dev/null || true; }} && exec env -i HOME={disk} {await hostwire.PathAsync()} agent --config {config}"]);
        await agent.WaitForLineAsync(line => line.Contains("The spool", StringComparison.Ordinal) && line.Contains("cannot be used", StringComparison.Ordinal), Cancellation);
        string seen = $"/proc/{agent.Id}/root{disk}";
        Assert.Empty(SpoolRows.Times($"{seen}/spool.db"));

        File.Delete($"{seen}/filler");
        await agent.WaitForLineAsync(line => line.Contains("works again", StringComparison.Ordinal), Cancellation);
        await Eventually.TrueAsync(() => Task.FromResult(SpoolRows.Times($"{seen}/spool.db").Length >= 3), "what waited in memory to be in the file", Cancellation, agent);
        agent.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await agent.WaitForExitAsync(Cancellation));
        Assert.Contains("they wait in", agent.StandardError, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    private Task<string> WriteAsync(string file, string servers, string topic, string? spool = null) => _files.WriteAsync(file, $"""
        [kafka]
        bootstrap_servers = "{servers}"
        security = "plaintext"
        topic = "{topic}"

        [agent]
        host_name = "spool-host"
        interval_seconds = 1
        phase_seconds = 0
        spool_file = "{spool ?? Spool}"
        """);
}
