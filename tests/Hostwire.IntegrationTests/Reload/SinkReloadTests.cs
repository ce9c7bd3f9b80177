using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Monitoring;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Reload;

/// <summary>SIGHUP: the sink goes on with what settings and certificates say then.</summary>
public sealed class SinkReloadTests(TlsRig rig, PublishedBinary hostwire) : IClassFixture<TlsRig>, IDisposable
{
    private const int Records = 200;

    private readonly TestDirectory _files = new("sink-reload");
    private readonly int _port = FreePort.Next();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificates_that_are_renewed_under_way_cost_no_record_and_store_none_twice()
    {
        string topic = await rig.Kafka.CreateTopicAsync(partitions: 2, cancellationToken: Cancellation);
        await using TestDatabase database = await rig.Postgres.CreateDatabaseAsync(Cancellation);
        var host = new SyntheticHost("reload-host", seed: 1);
        Use("service", rig.Postgres.CaFile);
        string config = await WriteAsync(topic, database);
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        using var watched = new MonitoredProcess(sink, _port);
        await ProduceAsync(topic, host);
        await watched.ReachesAsync("hostwire_sink_records_stored_total", Records);

        // In the middle of the work.
        await ProduceAsync(topic, host);
        sink.Signal(UnixSignal.HangUp);
        await watched.ReachesAsync("hostwire_sink_records_stored_total", 2 * Records);
        await watched.ReadyAsync(true, "ok");

        // That nothing is stored any more shows that it is the new files that count.
        Use("service", $"{rig.Kafka.TlsDirectory}/other-ca.pem");
        sink.Signal(UnixSignal.HangUp);
        await watched.ReadyAsync(false, "is not trusted: it was signed by CN=Private project CA, which is not in postgres.ca_file");
        await ProduceAsync(topic, host);
        Use("expired", rig.Postgres.CaFile);
        sink.Signal(UnixSignal.HangUp);
        await watched.ReadyAsync(false, "wants a client's certificate that its CA signed");
        Assert.Equal(2 * Records, await watched.SumAsync("hostwire_sink_records_stored_total"));

        Use("renewed", rig.Postgres.CaFile);
        sink.Signal(UnixSignal.HangUp);
        await watched.ReachesAsync("hostwire_sink_records_stored_total", 3 * Records);
        await watched.ReadyAsync(true, "ok");

        await _files.WriteAsync("sink.toml", "[sink]\ngroupe = 1\n");
        sink.Signal(UnixSignal.HangUp);
        await sink.WaitForLineAsync(line => line.Contains("so nothing has changed", StringComparison.Ordinal) && line.Contains("sink.groupe is not a setting. Did you mean sink.group?", StringComparison.Ordinal), Cancellation);
        await ProduceAsync(topic, host);
        await watched.ReachesAsync("hostwire_sink_records_stored_total", 4 * Records);

        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal(0, await database.AdminScalarAsync<long>("SELECT (SELECT count(*) FROM hostwire.gap) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private async Task ProduceAsync(string topic, SyntheticHost host) => await rig.Kafka.Client.ProduceAsync(
        topic, Enumerable.Range(0, Records).Select(_ => new RawRecord(host.NextRecord())), Cancellation);

    private void Use(string certificate, string databaseCa)
    {
        File.Copy($"{rig.Kafka.TlsDirectory}/{certificate}.cert", _files["client.cert"], overwrite: true);
        File.Copy($"{rig.Kafka.TlsDirectory}/{certificate}.key", _files["client.key"], overwrite: true);
        File.Copy(databaseCa, _files["postgres-ca.pem"], overwrite: true);
    }

    private Task<string> WriteAsync(string topic, TestDatabase database) => _files.WriteAsync("sink.toml", $"""
        sink.group = "{topic}"
        metrics.sink_listen = "127.0.0.1:{_port}"

        [kafka]
        bootstrap_servers = "{rig.Kafka.TlsBootstrapServers}"
        topic = "{topic}"
        ca_file = "{rig.Kafka.TlsDirectory}/ca.pem"
        certificate_file = "client.cert"
        key_file = "client.key"
        properties."reconnect.backoff.max.ms" = 250

        [postgres]
        uri = "{database.UriOf(database.Roles.Sink, rig.Postgres.RolePassword, "verify-full").Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}"
        ca_file = "postgres-ca.pem"
        """);
}
