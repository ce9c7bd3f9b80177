using Hostwire.IntegrationTests.Monitoring;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Names off the wire are data, whatever is in them: in SQL, in the log, on a terminal and in <c>/metrics</c>.</summary>
public sealed class HostileNamesTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const string Evil = "h'; drop table hostwire.frame; --\"\\\u001b]0;owned\u0007\u001b[2J\u202e\u009b1m\r\nlevel=error msg=forged\n# TYPE forged counter\nforged{a=\"b\"} 1\n";

    private readonly TestDirectory _files = new("hostile");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Name_that_is_sql_escape_sequence_and_log_line_at_once_is_stored_as_it_is_and_does_nothing()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        int port = FreePort.Next();
        string config = await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database, $"[metrics]\nsink_listen = \"127.0.0.1:{port}\""));
        await using ChildProcess sink = await hostwire.StartAsync(["sink", "--config", config]);
        using var watched = new MonitoredProcess(sink, port);

        // Another host of a name that is known makes the sink speak of it.
        foreach (string id in (string[])["one", "two", "three"])
        {
            await kafka.Client.ProduceAsync(topic, [new(Record(id), System.Text.Encoding.UTF8.GetBytes(Evil))], Cancellation);
            await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        }

        string said = await sink.WaitForLineAsync(line => line.Contains("Another host named", StringComparison.Ordinal), Cancellation);
        Assert.Contains("""\u001b[2J""", said, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", await watched.NamesAsync(), StringComparer.Ordinal);
        await SinkSettings.StopAsync(sink, Cancellation);

        Assert.DoesNotContain('\u001b', sink.StandardError);
        Assert.DoesNotContain('\u009b', sink.StandardError);
        Assert.DoesNotContain('\u202e', sink.StandardError);
        Assert.All(sink.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("time=", line, StringComparison.Ordinal));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM hostwire.frame", Cancellation));
        Assert.Equal(
            [Evil, Evil, Evil],
            [
                await database.ScalarAsync<string>("SELECT DISTINCT host FROM hostwire.metrics", Cancellation),
                await database.ScalarAsync<string>("SELECT DISTINCT metric FROM hostwire.metrics", Cancellation),
                await database.ScalarAsync<string>("SELECT DISTINCT attributes ->> (SELECT min(key) FROM jsonb_object_keys(attributes) key) FROM hostwire.metrics", Cancellation),
            ]);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static byte[] Record(string hostId)
    {
        using var record = new MemoryStream();
        ProtoWriter.WriteMessage(record, 1, resourceMetrics =>
        {
            ProtoWriter.WriteMessage(resourceMetrics, 1, resource =>
            {
                WriteAttribute(resource, 1, "host.name", Evil);
                WriteAttribute(resource, 1, "host.id", hostId);
            });
            ProtoWriter.WriteMessage(resourceMetrics, 2, scopeMetrics => ProtoWriter.WriteMessage(scopeMetrics, 2, metric =>
            {
                ProtoWriter.WriteString(metric, 1, Evil);
                ProtoWriter.WriteString(metric, 3, Evil);
                ProtoWriter.WriteMessage(metric, 5, gauge => ProtoWriter.WriteMessage(gauge, 1, point =>
                {
                    ProtoWriter.WriteFixed64(point, 3, (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000);
                    ProtoWriter.WriteFixed64(point, 4, BitConverter.DoubleToUInt64Bits(1));
                    WriteAttribute(point, 7, Evil, Evil);
                }));
            }));
        });
        return record.ToArray();
    }

    private static void WriteAttribute(Stream output, int field, string key, string value) => ProtoWriter.WriteMessage(output, field, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        ProtoWriter.WriteMessage(attribute, 2, any => ProtoWriter.WriteString(any, 1, value));
    });
}
