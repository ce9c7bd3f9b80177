using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Settings files of a sink that tests start, and what they wait for.</summary>
internal static class SinkSettings
{
    /// <summary>Of a sink on a plain Kafka; the group has the topic's name. <paramref name="more"/> goes into <c>[sink]</c>, and may go on with sections of its own.</summary>
    public static string Text(KafkaBroker kafka, string topic, TestDatabase database, string more = "") => Text(kafka.BootstrapServers, topic, database.Uri, more);

    /// <inheritdoc cref="Text(KafkaBroker, string, TestDatabase, string)"/>
    public static string Text(string bootstrapServers, string topic, string uri, string more = "") => $"""
        [kafka]
        bootstrap_servers = "{bootstrapServers}"
        security = "plaintext"
        topic = "{topic}"

        [postgres]
        uri = "{uri}"

        [sink]
        group = "{topic}"
        {more}

        """;

    /// <summary>Waits until every record that is on the topic now is behind a stored offset.</summary>
    /// <param name="kafka">Where the topic is.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="database">Where the sinks store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="sinks">Who stores.</param>
    public static async Task WaitUntilAllIsStoredAsync(
        KafkaBroker kafka, string topic, TestDatabase database, CancellationToken cancellationToken, params ChildProcess[] sinks)
    {
        long end = (await kafka.Client.EndOffsetsAsync(topic, cancellationToken)).Sum();
        await Eventually.TrueAsync(
            async () => await StoredRecordsAsync(database, cancellationToken) == end, $"{end} records of topic {topic} to be stored", cancellationToken, sinks);
    }

    /// <summary>Tells a sink to stop as systemd does: it has to be done within ten seconds.</summary>
    public static async Task StopAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        process.Signal(UnixSignal.Terminate);
        int exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(10), cancellationToken);
        Assert.True(exitCode == 0, $"It ended with {exitCode}.\n{process.Describe()}");
    }

    private static async Task<long> StoredRecordsAsync(TestDatabase database, CancellationToken cancellationToken) =>
        await database.ScalarAsync<string>("SELECT to_regclass('hostwire.kafka_offset')::text", cancellationToken) is null
            ? 0
            : (long)await database.ScalarAsync<decimal>("SELECT coalesce(sum(next_offset), 0) FROM hostwire.kafka_offset", cancellationToken);
}
