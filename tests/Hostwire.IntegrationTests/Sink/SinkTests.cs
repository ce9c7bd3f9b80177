using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What a sink does with what it finds on the topic and in the database. Apache Kafka and PostgreSQL are real; the sink runs inside the test.</summary>
public sealed class SinkTests(KafkaBroker broker, PostgresServer postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_stored_once_with_every_bit_and_the_sink_stops_with_success()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 500);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(500);
        Assert.Equal(ExitCode.Success, await sink.StopAsync());
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal([500L], await broker.Client.CommittedOffsetsAsync(topic, topic));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from hostwire.gap", Cancelled));
    }

    [Fact]
    public async Task What_is_resent_is_a_duplicate_with_the_same_values_and_a_conflict_with_others()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        byte[] first = host.NextRecord();
        byte[] second = host.NextRecord();
        // The same shape and times, other values.
        byte[] rival = new SyntheticHost("web-1", seed: 2, host.StartMicros).NextRecord();
        await ProduceAsync(topic, first, first, second);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(3);
        await ProduceAsync(topic, first, rival, second);
        await sink.StoredAsync(6);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal(3, sink.Counters.Duplicates);
        Assert.Equal(1, sink.Counters.Conflicts);
        Assert.Equal(4L, await database.ScalarAsync<long>("select record_offset from hostwire.conflict where stored_digest <> received_digest", Cancelled));
    }

    [Fact]
    public async Task Junk_goes_alone_to_the_dead_letters_and_the_rest_is_stored()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        byte[] junk = [0xFF, 0x00, 0x12, 0x34];
        byte[] good = host.NextRecord();
        await ProduceAsync(topic, good, junk, good[..^3], host.NextRecord());
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(4);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("1,2", await database.AdminScalarAsync<string>("select string_agg(record_offset::text, ',' order by record_offset) from hostwire.dead_letter", Cancelled));
        Assert.Equal(junk, await database.AdminScalarAsync<byte[]>("select payload from hostwire.dead_letter where record_offset = 1", Cancelled));
    }

    [Fact]
    public async Task Between_two_maintenances_too_dead_letters_beyond_their_bytes_are_kept_without_payload()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        await database.ExecuteAsync("update hostwire.setting set value = '8' where name = 'dead_letter_max_bytes'", Cancelled);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        for (int record = 1; record <= 4; record++)
        {
            await ProduceAsync(topic, [0xFF, 0x00, 0x12, 0x34]);
            await sink.StoredAsync(record);
            if (record == 3)
            {
                // What is gone makes room again.
                await database.ExecuteAsync("delete from hostwire.dead_letter where record_offset = 0", Cancelled);
            }
        }

        await sink.StopAsync();
        Assert.Equal("1 false, 2 true, 3 false", await database.AdminScalarAsync<string>(
            "select string_agg(record_offset || ' ' || (payload is null), ', ' order by record_offset) from hostwire.dead_letter", Cancelled));
    }

    [Fact]
    public async Task A_record_whose_time_on_the_topic_is_no_date_counts_as_one_without_time()
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancelled);
        var takesAnyTime = new Dictionary<string, string>(StringComparer.Ordinal) { ["message.timestamp.type"] = "CreateTime", ["message.timestamp.after.max.ms"] = "9223372036854775807" };
        string topic = await broker.CreateTopicAsync(config: takesAnyTime, cancellationToken: Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        // Microseconds and nanoseconds since 1970, where milliseconds belong.
        const long micros = 1_700_000_000_000_000;
        await broker.Client.ProduceAsync(topic, [new(host.NextRecord(), TimeMillis: micros), new([0xFF, 0x00], TimeMillis: micros * 1000), new(host.NextRecord(), TimeMillis: micros)], Cancelled);

        // What is left to store makes it reckon how late it is, by the time of what it has stored.
        var options = new SinkOptions { Group = topic, BatchMaxBytes = 1 };
        await using var sink = new RunningSink(broker.BootstrapServers, topic, database.Uri, options);
        await sink.StoredAsync(3);
        await broker.Client.ProduceAsync(topic, Enumerable.Range(0, 500).Select(_ => new RawRecord(host.NextRecord(), TimeMillis: micros)), Cancelled);
        await sink.StoredAsync(503);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("1 true", await database.AdminScalarAsync<string>("select string_agg(record_offset || ' ' || (record_time is null), ', ') from hostwire.dead_letter", Cancelled));
    }

    [Fact]
    public async Task Frames_of_another_age_go_to_quarantine_and_the_good_ones_of_their_batch_are_stored()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        var past = new SyntheticHost("web-2", seed: 1, startMicros: 86_400_000_000);
        var future = new SyntheticHost("web-3", seed: 1, startMicros: 4_102_444_800_000_000);
        await ProduceAsync(topic, past.NextRecord(), host.NextRecord(), future.NextRecord());
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(3);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("1970-01-02,2100-01-01", await database.ScalarAsync<string>("select string_agg((time at time zone 'UTC')::date::text, ',' order by time) from hostwire.quarantine", Cancelled));
    }

    [Fact]
    public async Task A_topic_made_again_leaves_a_gap_and_is_read_from_its_start()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 5);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(5);
        }

        string oldId = await broker.Client.TopicIdAsync(topic);
        await broker.Client.DeleteTopicAsync(topic);
        await broker.Client.CreateTopicAsync(topic);
        // More records than the stored offset: only the topic's id can tell.
        await ProduceAsync(topic, host, 8);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(8);
        }

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal($"{oldId} 5", await database.ScalarAsync<string>("select topic_id || ' ' || from_offset from hostwire.gap where to_offset is null", Cancelled));
    }

    [Fact]
    public async Task Records_of_a_topic_made_again_under_a_running_sink_are_not_taken_for_those_of_the_one_before()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 5);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(5);
        string oldId = await broker.Client.TopicIdAsync(topic);
        await broker.Client.DeleteTopicAsync(topic);
        await broker.Client.CreateTopicAsync(topic);
        // The client goes on at offset 5, which is there.
        await ProduceAsync(topic, host, 8);
        await sink.UntilAsync(counters => counters.Gaps > 0 && counters.RecordsStored >= 13, "the topic that was made again to be read from its start");
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal($"{oldId} 5", await database.ScalarAsync<string>("select topic_id || ' ' || from_offset from hostwire.gap", Cancelled));
    }

    [Fact]
    public async Task Records_that_retention_took_are_a_gap_with_their_exact_offsets()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 5);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(5);
        }

        var lost = new SyntheticHost("web-2", seed: 1);
        await ProduceAsync(topic, lost, 4);
        await broker.Client.DeleteRecordsAsync(topic, partition: 0, offset: 9);
        await ProduceAsync(topic, host, 3);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(3);
        }

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("5-9", await database.ScalarAsync<string>("select from_offset || '-' || to_offset from hostwire.gap", Cancelled));
    }

    [Fact]
    public async Task Markers_of_transactions_are_no_gaps_and_aborted_records_are_not_stored()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        var aborted = new SyntheticHost("web-2", seed: 1);
        using (IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, TransactionalId = topic }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            for (int round = 0; round < 5; round++)
            {
                producer.BeginTransaction();
                producer.Produce(topic, new Message<byte[], byte[]> { Value = host.NextRecord() });
                producer.CommitTransaction();
                producer.BeginTransaction();
                producer.Produce(topic, new Message<byte[], byte[]> { Value = aborted.NextRecord() });
                producer.AbortTransaction();
            }
        }

        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(5);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from hostwire.gap", Cancelled));
    }

    [Fact]
    public async Task A_sink_whose_claim_was_taken_over_stores_nothing_more_under_it_and_claims_anew()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 5);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(5);
        // As another sink does that was assigned the partition before this one and claims it late.
        await database.ExecuteAsync("update hostwire.kafka_offset set owner_epoch = owner_epoch + 1, owner = 'late'", Cancelled);
        await ProduceAsync(topic, host, 5);
        await sink.UntilAsync(counters => counters.Claims == 2 && counters.RecordsStored == 10, "a second claim and the other records");
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal(3L, await database.ScalarAsync<long>("select owner_epoch from hostwire.kafka_offset where owner <> 'late'", Cancelled));
    }

    [Fact]
    public async Task A_database_put_back_to_an_older_state_is_filled_again_and_no_number_is_trusted()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 5);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        await sink.StoredAsync(5);
        // A failover that lost everything since the schema was made, and then gave the lost numbers to something else.
        await database.ExecuteAsync(
            """
            truncate hostwire.frame, hostwire.layout_series, hostwire.layout, hostwire.series, hostwire.metric, hostwire.host_slot, hostwire.host restart identity;
            update hostwire.kafka_offset set next_offset = 0;
            insert into hostwire.host (identity, name) values (sha256('somebody else'), 'somebody-else');
            insert into hostwire.layout (identity) values (sha256('something else'));
            """,
            Cancelled);
        await ProduceAsync(topic, host, 5);
        await sink.StoredAsync(15);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_the_database_is_killed_under_a_stream_of_records()
    {
        (string topic, TestDatabase _) = await StartAsync(own: false);
        await using PostgresServer own = PostgresServer.CreateOwn();
        await own.EnsureStartedAsync(Cancelled);
        await using TestDatabase database = await own.CreateDatabaseAsync(Cancelled);
        var host = new SyntheticHost("web-1", seed: 1);
        await using var sink = new RunningSink(broker, topic, database.Uri);
        for (int round = 1; round <= 3; round++)
        {
            await ProduceAsync(topic, host, 100);
            long stored = sink.Counters.RecordsStored;
            await sink.UntilAsync(counters => counters.RecordsStored > stored, "something to be stored");
            await own.KillAsync(Cancelled);
            await ProduceAsync(topic, host, 100);
            await own.StartAsync(Cancelled);
        }

        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("select coalesce(max(next_offset), 0) from hostwire.kafka_offset", Cancelled) == 600, "all records to be stored", Cancelled);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    [Fact]
    public async Task A_record_that_PostgreSQL_refuses_is_found_by_splitting_and_set_aside_alone()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        var refused = new SyntheticHost("refused", seed: 1);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.UntilAsync(counters => counters.Claims == 1, "the schema and a claim");
        }

        // A rule of the server's that the sink knows nothing about, with a data error's SQLSTATE.
        await database.ExecuteAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this host' using errcode = '22023'; end $$;
            create trigger refuse before insert on hostwire.host for each row when (new.name = 'refused') execute function refuse();
            """,
            Cancelled);
        byte[][] before = [.. Enumerable.Range(0, 10).Select(_ => host.NextRecord())];
        byte[][] after = [.. Enumerable.Range(0, 10).Select(_ => host.NextRecord())];
        await ProduceAsync(topic, [.. before, refused.NextRecord(), .. after]);
        await using (var sink = new RunningSink(broker, topic, database.Uri))
        {
            await sink.StoredAsync(21);
        }

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
        Assert.Equal("10 PostgreSQL refuses it: not this host (SQLSTATE 22023).", await database.AdminScalarAsync<string>("select record_offset || ' ' || reason from hostwire.dead_letter", Cancelled));
    }

    [Fact]
    public async Task A_sink_that_waits_for_the_database_with_all_it_may_hold_stays_in_its_group()
    {
        (string topic, TestDatabase database) = await StartAsync();
        await using var _ = database;
        var host = new SyntheticHost("web-1", seed: 1);
        await ProduceAsync(topic, host, 500);
        await database.ExecuteAsync("select hostwire.maintain()", Cancelled);
        var options = new SinkOptions { Group = topic, BatchMaxBytes = 10_000 };
        // Who does not ask for records for so long is taken for stuck, and his partitions go to others.
        var patience = new Dictionary<string, string>(StringComparer.Ordinal) { ["session.timeout.ms"] = "6000", ["max.poll.interval.ms"] = "6000" };
        await using NpgsqlConnection other = await database.DataSource.OpenConnectionAsync(Cancelled);
        await using var sink = new RunningSink(broker.BootstrapServers, topic, database.Uri, options, kafkaProperties: patience);
        await using (NpgsqlTransaction transaction = await other.BeginTransactionAsync(Cancelled))
        {
            // Nothing but frames has to wait.
            await using var hold = new NpgsqlCommand(
                """
                do $$
                declare
                  partition regclass;
                begin
                  for partition in select inhrelid from pg_inherits where inhparent = 'hostwire.frame'::regclass loop
                    execute format('lock table %s in share mode', partition);
                  end loop;
                end
                $$
                """,
                other,
                transaction);
            await hold.ExecuteNonQueryAsync(Cancelled);
            await sink.UntilAsync(counters => counters.RecordsConsumed > 0, "records to be read");
            await Task.Delay(TimeSpan.FromSeconds(12), Cancelled);
            await transaction.RollbackAsync(Cancelled);
        }

        await sink.StoredAsync(500);
        Assert.Equal(0, sink.Counters.KafkaErrors.Total);
        await sink.StopAsync();
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancelled));
    }

    private async Task<(string Topic, TestDatabase Database)> StartAsync(bool own = true)
    {
        await broker.EnsureStartedAsync(Cancelled);
        await postgres.EnsureStartedAsync(Cancelled);
        string topic = await broker.CreateTopicAsync(cancellationToken: Cancelled);
        return (topic, own ? await postgres.CreateDatabaseAsync(Cancelled) : null!);
    }

    private Task ProduceAsync(string topic, SyntheticHost host, int records) =>
        ProduceAsync(topic, [.. Enumerable.Range(0, records).Select(_ => host.NextRecord())]);

    private async Task ProduceAsync(string topic, params byte[][] records) =>
        await broker.Client.ProduceAsync(topic, records.Select(value => new RawRecord(value)), Cancelled);
}
