using System.Buffers;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Hostwire.IntegrationTests.Sink;
using Hostwire.Otlp;

namespace Hostwire.IntegrationTests.Kinds;

/// <summary>Every kind of point, with every field it may have, through a real Kafka into a real database and back through the views, bit by bit.</summary>
public sealed class KindsTests(KafkaBroker broker, PostgresServer postgres)
{
    private const int RecordsOfAKind = 12;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("protobuf")]
    [InlineData("json")]
    public async Task Points_of_every_kind_come_back_as_they_were_sent(string form)
    {
        bool isJson = form == "json";
        var sent = new SentRecords("kinds", seed: 1, isJson);
        var random = new Random(1);
        byte[][] records =
        [
            .. Enum.GetValues<PointKind>().SelectMany(kind => Enumerable.Range(0, RecordsOfAKind).Select(_ => sent.Next(kind))),
            .. Enum.GetValues<PointKind>().Select(kind => sent.Next(kind, hosts: 5)),
        ];
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        await broker.Client.ProduceAsync(topic, records.Select(record => new RawRecord(isJson ? JsonDisguise.Disguise(ToJson(record), random) : record)), Cancelled);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(records.Length);
        await sink.StopAsync();

        Assert.True(sent.Inexact >= 10 && sent.WithoutValue >= 10);
        Assert.Equal((0, sent.Inexact), (sink.Counters.DeadLetters, sink.Counters.InexactValues));
        StoredRecords.AssertSame(sent.Sent, await StoredRecords.ReadAsync(database, Cancelled));
    }

    // Our own writer, which unit tests hold against protoc's.
    private static ReadOnlySpan<byte> ToJson(byte[] record)
    {
        var json = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJsonWriter.Write(record, json, indented: false).IsOk);
        return json.WrittenSpan;
    }

    private async Task<(string Topic, TestDatabase Database)> StartAsync()
    {
        await broker.EnsureStartedAsync(Cancelled);
        await postgres.EnsureStartedAsync(Cancelled);
        return (await broker.CreateTopicAsync(cancellationToken: Cancelled), await postgres.CreateDatabaseAsync(Cancelled));
    }
}
