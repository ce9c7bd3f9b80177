using System.Diagnostics;
using System.Globalization;
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
    public async Task What_has_waited_for_longer_than_spool_sync_seconds_survives_a_power_cut()
    {
        // A copy of each file as it was when the agent last made the system write it to the disk.
        string durable = _files["durable"];
        Directory.CreateDirectory(durable);
        await PreloadedLibrary.MakeAsync("durable.c", _files["durable.so"]);
        string config = await WriteAsync("outage.toml", $"127.0.0.1:{FreePort.Next()}", "topic", more: "spool_sync_seconds = 1");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LD_PRELOAD"] = _files["durable.so"], ["RIG_DURABLE"] = durable };
        ulong[] safe = [];
        await using (ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config], environment))
        {
            // Twenty seconds' worth: with a few times as much SQLite writes its log by itself.
            await Eventually.TrueAsync(
                () => Task.FromResult((safe = SpoolRows.Times($"{durable}/spool.db")).Length >= 3 || SpoolRows.Times(Spool).Length >= 20), "scrapes in the spool", Cancellation, agent);
            Assert.True(safe.Length >= 3, "Nothing is safe from a power cut.");
            agent.Signal(UnixSignal.Kill);
            await agent.WaitForExitAsync(Cancellation);
        }

        foreach (string part in (string[])["", "-wal", "-shm"])
        {
            File.Delete(Spool + part);
            if (File.Exists($"{durable}/spool.db{part}"))
            {
                File.Copy($"{durable}/spool.db{part}", Spool + part);
            }
        }

        await using ChildProcess next = await hostwire.StartAsync(["agent", "--config", config]);
        ulong[] after = [];
        await Eventually.TrueAsync(() => Task.FromResult((after = SpoolRows.Times(Spool)).Length > safe.Length), "another scrape in the spool", Cancellation, next);
        Assert.Equal(safe, after[..safe.Length]);
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

    [Fact]
    public async Task Spool_that_has_filled_its_own_disk_is_sent_and_emptied_when_Kafka_is_back()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount a small file system.");
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        string disk = _files["small"];
        Directory.CreateDirectory(disk);
        string spool = Path.Combine(disk, "spool.db");

        // So much a second that the little that is left is soon full.
        const string more = "[[exec]]\nname = \"much\"\ncommand = [\"seq\", \"-f\", \"value{of=\\\"%06.0f\\\"} 1\", \"4000\"]\ninterval_seconds = 1\ntimeout_seconds = 1\nmax_series = 5000";
        string outage = await WriteAsync("outage.toml", $"127.0.0.1:{FreePort.Next()}", topic, spool, more);
        string normal = await WriteAsync("normal.toml", kafka.BootstrapServers, topic, spool);
        string binary = await hostwire.PathAsync();

        // In a mount namespace of its own, which the shell keeps while one agent follows the other.
        await using ChildProcess agents = await ChildProcess.StartAsync(
            "unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size=16m tmpfs {disk} && head -c 9M /dev/zero > {disk}/filler && {{ env -i HOME={disk} {binary} agent --config {outage}; exec env -i HOME={disk} {binary} agent --config {normal}; }}"]);
        await agents.WaitForLineAsync(line => line.Contains("cannot be used: Its disk has room for", StringComparison.Ordinal), Cancellation);
        string seen = $"/proc/{agents.Id}/root{spool}";
        ulong[] waiting = SpoolRows.Times(seen);
        Assert.NotEmpty(waiting);
        Process.GetProcessById(ChildOf(agents.Id)).Kill();

        await Eventually.TrueAsync(
            async () => waiting.Except((await kafka.Client.ConsumeAllAsync(topic, Cancellation)).Select(record => AgentRecords.Times(record)[0])).ToArray() is [],
            "all that waited on the topic", Cancellation, agents);
        await Eventually.TrueAsync(() => Task.FromResult(waiting.Intersect(SpoolRows.Times(seen)).ToArray() is []), "what was sent to leave the spool", Cancellation, agents);
        agents.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await agents.WaitForExitAsync(Cancellation));
    }

    [Fact]
    public async Task Disk_that_does_not_say_how_much_is_free_is_used()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount a file system.");
        string disk = _files["mute"];
        Directory.CreateDirectory(disk);
        string config = await WriteAsync("mute.toml", $"127.0.0.1:{FreePort.Next()}", "topic", Path.Combine(disk, "spool.db"));
        await using ChildProcess agent = await ChildProcess.StartAsync(
            "unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size=0 tmpfs {disk} && exec env -i HOME={disk} {await hostwire.PathAsync()} agent --config {config}"]);
        await Eventually.TrueAsync(() => Task.FromResult(SpoolRows.Times($"/proc/{agent.Id}/root{disk}/spool.db").Length >= 2), "scrapes in the spool", Cancellation, agent);
        agent.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await agent.WaitForExitAsync(Cancellation));
    }

    [Fact]
    public async Task Disk_that_hangs_holds_up_neither_sampling_nor_sending()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        string config = await WriteAsync("hang.toml", kafka.BootstrapServers, topic);
        string sign = _files["hangs"];
        await PreloadedLibrary.MakeAsync("hang.c", _files["hang.so"]);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LD_PRELOAD"] = _files["hang.so"], ["RIG_HANG"] = sign };
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config], environment);
        await MoreRecordsAsync(3);
        await File.WriteAllTextAsync(sign, "", Cancellation);
        await agent.WaitForLineAsync(line => line.Contains("has not answered for 5 s", StringComparison.Ordinal), Cancellation);
        await MoreRecordsAsync(5);
        File.Delete(sign);
        await agent.WaitForLineAsync(line => line.Contains("works again", StringComparison.Ordinal), Cancellation);
        await MoreRecordsAsync(2);
        agent.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await agent.WaitForExitAsync(Cancellation));

        ulong[] sent = [.. (await kafka.Client.ConsumeAllAsync(topic, Cancellation)).Select(record => AgentRecords.Times(record)[0])];
        Assert.Equal(sent.Length, sent.Distinct().Count());
        Assert.Contains($"scrapes taken: {sent.Length}, records acknowledged: {sent.Length}, dropped: 0", agent.StandardError, StringComparison.Ordinal);

        async Task MoreRecordsAsync(int records)
        {
            long before = (await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum();
            await Eventually.TrueAsync(async () => (await kafka.Client.EndOffsetsAsync(topic, Cancellation)).Sum() >= before + records, "more scrapes on the topic", Cancellation, agent);
        }
    }

    public void Dispose() => _files.Dispose();

    private static int ChildOf(int processId) =>
        int.Parse(File.ReadAllText($"/proc/{processId}/task/{processId}/children").Split(' ')[0], CultureInfo.InvariantCulture);

    private Task<string> WriteAsync(string file, string servers, string topic, string? spool = null, string more = "") => _files.WriteAsync(file, $"""
        [kafka]
        bootstrap_servers = "{servers}"
        security = "plaintext"
        topic = "{topic}"

        [agent]
        host_name = "spool-host"
        interval_seconds = 1
        phase_seconds = 0
        spool_file = "{spool ?? Spool}"
        {more}
        """);
}
