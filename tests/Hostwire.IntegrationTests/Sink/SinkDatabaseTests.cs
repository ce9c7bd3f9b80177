using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What a running sink does when the database changes under it.</summary>
public sealed class SinkDatabaseTests(KafkaBroker broker, PostgresServer postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_put_back_is_noticed_though_no_record_comes_any_more()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await ProduceAsync(topic, host, 5);
        await sink.StoredAsync(5);
        await database.ExecuteAsync("truncate hostwire.frame; update hostwire.kafka_offset set next_offset = 2", Cancelled);
        await sink.UntilAsync(counters => counters.RecordsStored == 8, "the forgotten records to be stored again");
        await sink.StopAsync();
        StoredPoints.AssertSame([.. host.Sent.Skip(2 * host.Sent.Count / 5)], await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task A_batch_with_a_duplicate_and_a_frame_whose_partition_went_away_is_stored()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var today = new SyntheticHost("web-1", seed: 1);
        var before = new SyntheticHost("web-2", seed: 1, TimeProvider.System.GetUtcNow().AddDays(-5).ToUnixTimeMilliseconds() * 1000);
        byte[] resent = today.NextRecord();
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await broker.Client.ProduceAsync(topic, [new(resent), new(before.NextRecord())], Cancelled);
        await sink.StoredAsync(2);
        before.Sent.Clear();
        await database.ExecuteAsync("do $$ begin execute format('drop table %s', (select tableoid::regclass from hostwire.frame order by time limit 1)); end $$", Cancelled);
        // One batch holds both: the duplicate is met first, the missing partition behind it.
        await broker.Client.ProduceAsync(topic, [new(resent), new(before.NextRecord())], Cancelled);
        await sink.StoredAsync(4);
        await sink.StopAsync();
        StoredPoints.AssertSame([.. today.Sent, .. before.Sent], await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal(1, sink.Counters.Duplicates);
    }

    [Fact]
    public async Task Records_of_a_busy_partition_are_stored_while_maintenance_is_refused()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.UntilAsync(counters => counters.Claims == 1, "the schema and a claim");
        }

        await database.ExecuteAsync("create or replace function hostwire.maintain() returns table (task text, object text, outcome text) language plpgsql as $$ begin raise exception 'not you' using errcode = '42501'; end $$", Cancelled);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            for (int batch = 1; batch <= 20; batch++)
            {
                await ProduceAsync(topic, host, 1);
                await sink.StoredAsync(batch);
            }
        }

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task An_error_of_the_program_ends_the_sink_instead_of_leaving_it_idle()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.UntilAsync(counters => counters.Claims == 1, "the schema and a claim");
        }

        // A column that is not what the program takes it for.
        await database.ExecuteAsync("alter table hostwire.kafka_offset alter owner_epoch type text", Cancelled);
        await using var broken = new RunningSink(broker, topic, database.Uri);
        await Assert.ThrowsAsync<InvalidCastException>(() => broken.UntilAsync(_ => false, "the end"));
    }

    private async Task ProduceAsync(string topic, SyntheticHost host, int records) =>
        await broker.Client.ProduceAsync(topic, Enumerable.Range(0, records).Select(_ => new RawRecord(host.NextRecord())), Cancelled);
}
