using Confluent.Kafka;
using Hostwire.IntegrationTests.Agent;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Monitoring;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Reload;

/// <summary>SIGHUP: the agent goes on with what settings and certificates say then.</summary>
public sealed class AgentReloadTests(TlsRig rig, PublishedBinary hostwire) : IClassFixture<TlsRig>, IDisposable
{
    private const string Reloaded = "Settings and certificates were read again";
    private const string Refused = "cannot be used, so nothing has changed";

    private readonly TestDirectory _files = new("agent-reload");
    private readonly int _port = FreePort.Next();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_that_is_renewed_under_way_costs_no_scrape()
    {
        string topic = await rig.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        UseCertificate("service");
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", await WriteAsync(topic)]);
        using var watched = new MonitoredProcess(agent, _port);
        await watched.ReachesAsync("hostwire_agent_records_acknowledged_total", 3);

        // That nothing comes through any more shows that it is the new certificate that counts.
        UseCertificate("expired");
        agent.Signal(UnixSignal.HangUp);
        await agent.WaitForLineAsync(line => line.Contains("The certificate of kafka.certificate_file", StringComparison.Ordinal) && line.Contains("has expired on", StringComparison.Ordinal), Cancellation);
        await watched.ReadyAsync(false, "wants a client's certificate that its CA signed");
        await watched.ReachesAsync("hostwire_agent_queue_records", 3);

        UseCertificate("renewed");
        agent.Signal(UnixSignal.HangUp);
        await watched.ReadyAsync(true, "ok");
        double scrapes = await watched.SumAsync("hostwire_agent_scrapes_total");
        Assert.True(scrapes >= 6, "The counters go on.");
        await watched.ReachesAsync("hostwire_agent_records_acknowledged_total", scrapes);
        await SinkSettings.StopAsync(agent, Cancellation);

        IReadOnlyList<ConsumeResult<byte[], byte[]>> records = await rig.Kafka.Client.ConsumeAllAsync(topic, Cancellation);
        ulong[] times = [.. records.Select(record => AgentRecords.Times(record)[0]).Distinct()];
        Assert.Contains($"scrapes taken: {times.Length}, records acknowledged: {times.Length}, dropped: 0", agent.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_changes_nothing_and_what_is_right_is_applied()
    {
        string topic = await rig.Kafka.CreateTopicAsync(cancellationToken: Cancellation);
        UseCertificate("service");
        string config = await WriteAsync(topic);
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", config]);
        using var watched = new MonitoredProcess(agent, _port);
        await watched.ReadyAsync(true, "ok");

        await WriteAsync(topic, "[agent]\nper_cpuu = true\n");
        await SignalAsync(agent, line => line.Contains(Refused, StringComparison.Ordinal) && line.Contains("agent.per_cpuu is not a setting. Did you mean agent.per_cpu?", StringComparison.Ordinal));

        // The key of another certificate: only the client that is made anew notices.
        await WriteAsync(topic);
        File.Copy($"{rig.Kafka.TlsDirectory}/other.key", _files["client.key"], overwrite: true);
        await SignalAsync(agent, line => line.Contains(Refused, StringComparison.Ordinal) && line.Contains("[kafka]", StringComparison.Ordinal));

        UseCertificate("service");
        File.Delete(_files["client.cert"]);
        await SignalAsync(agent, line => line.Contains(Refused, StringComparison.Ordinal) && line.Contains("kafka.certificate_file", StringComparison.Ordinal) && line.Contains("does not exist", StringComparison.Ordinal));
        await watched.ReadyAsync(true, "ok");
        await watched.ReachesAsync("hostwire_agent_records_acknowledged_total", 1 + await watched.SumAsync("hostwire_agent_records_acknowledged_total"));

        UseCertificate("service");
        string spool = _files["other.db"];
        await WriteAsync(topic, $"""
            [agent]
            per_cpu = false
            spool_max_bytes = 7000000
            spool_file = "{spool}"
            attributes.env = "prod"
            collectors.memory.enabled = false
            [log]
            format = "json"
            """);
        await SignalAsync(agent, line => line.Contains(Reloaded, StringComparison.Ordinal)
            && line.Contains("agent.spool_max_bytes, agent.per_cpu, agent.collectors.memory.enabled, log.format, agent.attributes.env", StringComparison.Ordinal));
        await agent.WaitForLineAsync(line => line.Contains("agent.spool_file needs a restart", StringComparison.Ordinal), Cancellation);
        Assert.False(File.Exists(spool));
        Assert.Equal(7_000_000, await watched.SumAsync("hostwire_agent_queue_limit_bytes"));

        await watched.ReachesAsync("hostwire_agent_records_acknowledged_total", 3 + await watched.SumAsync("hostwire_agent_records_acknowledged_total"));
        await SinkSettings.StopAsync(agent, Cancellation);
        ConsumeResult<byte[], byte[]> last = (await rig.Kafka.Client.ConsumeAllAsync(topic, Cancellation))[^1];
        Assert.DoesNotContain("system.memory.usage", AgentRecords.Metrics(last), StringComparer.Ordinal);
        Assert.True(AgentRecords.ResourceSays(last, "host.env"));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static async Task SignalAsync(ChildProcess agent, Func<string, bool> says)
    {
        agent.Signal(UnixSignal.HangUp);
        await agent.WaitForLineAsync(says, Cancellation);
    }

    private void UseCertificate(string name)
    {
        File.Copy($"{rig.Kafka.TlsDirectory}/{name}.cert", _files["client.cert"], overwrite: true);
        File.Copy($"{rig.Kafka.TlsDirectory}/{name}.key", _files["client.key"], overwrite: true);
    }

    private Task<string> WriteAsync(string topic, string more = "") => _files.WriteAsync("agent.toml", $"""
        agent.host_name = "reload-host"
        agent.interval_seconds = 1
        metrics.agent_listen = "127.0.0.1:{_port}"

        [kafka]
        bootstrap_servers = "{rig.Kafka.TlsBootstrapServers}"
        topic = "{topic}"
        ca_file = "{rig.Kafka.TlsDirectory}/ca.pem"
        certificate_file = "client.cert"
        key_file = "client.key"
        properties."reconnect.backoff.max.ms" = 250

        {more}
        """);
}
