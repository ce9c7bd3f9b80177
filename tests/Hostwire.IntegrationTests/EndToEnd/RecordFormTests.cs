using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Whatever form and compression a record has: the published sink reads it, and nobody has to say which it is.</summary>
public sealed class RecordFormTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private readonly TestDirectory _files = new("record-forms");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_of_every_compression_are_stored_with_every_bit()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        CompressionType[] types = [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];
        SyntheticHost[] hosts = [.. types.Select(type => new SyntheticHost($"{type}", seed: (int)type))];
        foreach ((CompressionType type, SyntheticHost host) in types.Zip(hosts))
        {
            await kafka.Client.ProduceCompressedAsync(topic, type, Enumerable.Range(0, 50).Select(_ => new RawRecord(host.NextRecord())), Cancellation);
        }

        if (kafka.CompressionTypes(topic) is { } onDisk)
        {
            Assert.Equal([1, 2, 3, 4], onDisk.Distinct().Order());
        }

        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        StoredPoints.AssertSame([.. hosts.SelectMany(host => host.Sent)], await StoredPoints.ReadAsync(database, Cancellation));
    }

    [Fact]
    public async Task The_original_demos_json_is_in_system_metrics_as_it_was_sent_also_of_many_records_in_one_millisecond()
    {
        string topic = await kafka.CreateTopicAsync(config: new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" }, cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        const int Records = 200;
        await kafka.Client.ProduceAsync(topic, Enumerable.Range(0, Records).Select(n => new RawRecord(Encoding.UTF8.GetBytes(Demo(n)))), Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);

        IReadOnlyList<ConsumeResult<byte[], byte[]>> onTopic = await kafka.Client.ConsumeAllAsync(topic, Cancellation);
        string[] expected = [.. onTopic.SelectMany((record, n) => Rows(n, (record.Message.Timestamp.UnixTimestampMs * 1000) + (record.Offset.Value % 1000))).Order(StringComparer.Ordinal)];
        // The test proves nothing about records of one millisecond unless there are some.
        Assert.True(onTopic.Select(record => record.Message.Timestamp.UnixTimestampMs).Distinct().Count() < Records);
        string? stored = await database.ScalarAsync<string>(
            """
            SELECT string_agg(concat_ws('|', hostname, (extract(epoch FROM datetime) * 1000000)::bigint, metric, value, type, unit), E'\n') FROM hostwire.system_metrics
            """,
            Cancellation);
        Assert.Equal(expected, stored!.Split('\n').Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(0L, await database.AdminScalarAsync<long>("SELECT (SELECT count(*) FROM hostwire.conflict) + (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
    }

    [Fact]
    public async Task Malformed_json_is_set_aside_with_a_reason_that_names_where_and_the_rest_is_stored()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        string[] records = ["""{"resourceMetrics":[{]}""", Demo(1), """{"hostname":"a","system_metrics":{"total_cpu":"much"}}"""];
        await kafka.Client.ProduceAsync(topic, records.Select(record => new RawRecord(Encoding.UTF8.GetBytes(record))), Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        Assert.Equal(
            "0 The JSON is malformed, or nested more than 512 deep, at byte 21.\n2 Not JSON of system_metrics: the value of total_cpu at byte 46 is no number.",
            await database.AdminScalarAsync<string>("SELECT string_agg(record_offset || ' ' || reason, E'\\n' ORDER BY record_offset) FROM hostwire.dead_letter", Cancellation));
        Assert.Equal(8L, await StoredPoints.CountAsync(database, Cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private async Task<ChildProcess> StartSinkAsync(string topic, TestDatabase database) =>
        await hostwire.StartAsync(["sink", "--config", await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database))]);

    private static string Demo(int n) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"hostname": "demo-{{{n % 3}}}", "system_metrics": {"total_cpu": {{{n / 4.0}}}, "current_cpu_frequency": 2400.5, "memory_use": {{{1000 + n}}}, "available_memory": 5000,
         "percent_memory_use": 16.5, "network_traffic_in": {{{n}}}, "network_traffic_out": {{{2 * n}}}, "total_network_traffic": {{{3 * n}}}}}
        """);

    private static string[] Rows(int n, long micros) =>
    [
        .. new[]
        {
            $"total_cpu|{n / 4.0}|gauge|%", "current_cpu_frequency|2400.5|gauge|MHz", $"memory_use|{1000 + n}|gauge|By", "available_memory|5000|gauge|By", "percent_memory_use|16.5|gauge|%",
            $"network_traffic_in|{n}|counter|By", $"network_traffic_out|{2 * n}|counter|By", $"total_network_traffic|{3 * n}|counter|By",
        }.Select(row => $"demo-{n % 3}|{micros}|{row}"),
    ];
}
