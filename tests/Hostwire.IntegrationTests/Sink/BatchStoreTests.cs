using System.Globalization;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Kafka;
using Hostwire.Sink;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.IntegrationTests.Sink;

/// <summary>What one transaction of a sink does to a real PostgreSQL, and what it leaves when it fails: no Kafka, and nothing that depends on who is faster.</summary>
public sealed class BatchStoreTests(PostgresServer postgres) : IAsyncLifetime
{
    private static readonly TopicPartition Partition = new("topic", 0);
    private static readonly PartitionFacts Facts = new("cluster", "id", Earliest: 0, Latest: 100);

    private readonly LogLines _log = new();
    private readonly SyntheticHost _host = new("web-1", seed: 1);
    private TestDatabase? _database;
    private NpgsqlConnection? _connection;
    private BatchStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestDatabase Database => _database!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync(Cancellation);
        _store = await NewStoreAsync();
        _connection = await Database.Sink.OpenConnectionAsync(Cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection!.DisposeAsync();
        _store!.Dispose();
        await Database.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task The_offset_does_not_move_without_the_frames()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());
        await Database.ExecuteAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'cancelled' using errcode = '57014'; end $$;
            create trigger refuse before insert on hostwire.frame for each row execute function refuse();
            """,
            Cancellation);
        byte[] next = _host.NextRecord();
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => StoreAsync(claim, 1, next));
        Assert.Equal(PostgresErrorCodes.QueryCanceled, refused.SqlState);
        Assert.Equal(1, await StoredOffsetAsync());

        await Database.ExecuteAsync("drop trigger refuse on hostwire.frame", Cancellation);
        await StoreAsync(claim, 1, next);
        Assert.Equal(2, await StoredOffsetAsync());
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task Whose_partition_another_has_claimed_stores_nothing_of_it()
    {
        PartitionClaim old = await ClaimAsync("one");
        await StoreAsync(old, 0, _host.NextRecord());
        PartitionClaim claim = await ClaimAsync("another");
        var late = new SyntheticHost("late", seed: 2);
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(old, 1, late.NextRecord()));
        Assert.Equal(1, await StoredOffsetAsync());
        await StoreAsync(claim, 1, _host.NextRecord());
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Whose_offset_is_not_where_it_was_left_stores_nothing(long elsewhere)
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());
        await Database.ExecuteAsync($"update hostwire.kafka_offset set next_offset = {elsewhere}", Cancellation);
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(claim, 1, new SyntheticHost("late", seed: 2).NextRecord()));
        Assert.Equal(elsewhere, await StoredOffsetAsync());
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Theory]
    [InlineData("series")]
    [InlineData("layout")]
    public async Task Numbers_of_dictionary_rows_that_were_rolled_back_are_not_remembered(string table)
    {
        PartitionClaim claim = await ClaimAsync("one");

        // Refused at the COMMIT, when the sink has read all numbers.
        await Database.ExecuteAsync(
            $"""
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now' using errcode = '40001'; end $$;
            create constraint trigger refuse after insert on hostwire.{table} deferrable initially deferred for each row execute function refuse();
            """,
            Cancellation);
        byte[] record = _host.NextRecord();
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => StoreAsync(claim, 0, record));
        Assert.Equal(PostgresErrorCodes.SerializationFailure, refused.SqlState);
        await Database.ExecuteAsync($"drop trigger refuse on hostwire.{table}", Cancellation);
        await StoreAsync(claim, 0, record);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_record_that_empties_the_caches_between_two_of_one_new_host_holds_up_neither()
    {
        PartitionClaim claim = await ClaimAsync("one");
        byte[] tooMany = new SyntheticHost("huge", seed: 2, gaugePoints: 30_000).NextRecord();
        Assert.Equal((3, 1), await OutcomeAsync(claim, 0, _host.NextRecord(), tooMany, _host.NextRecord()));
        Assert.Equal(3, await StoredOffsetAsync());
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_number_that_a_restored_database_has_given_to_another_host_labels_nothing_of_its_first_owner()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());

        // As after a restore of a copy in which the host was not yet there.
        await Database.ExecuteAsync(
            """
            select setval(pg_get_serial_sequence('hostwire.host', 'host_id'), host_id, false) from hostwire.host;
            delete from hostwire.frame; delete from hostwire.host;
            """,
            Cancellation);
        _host.Sent.Clear();
        var other = new SyntheticHost("web-2", seed: 2);
        byte[][] records = [other.NextRecord(), _host.NextRecord()];
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(claim, 1, records));
        Assert.Equal(1, await StoredOffsetAsync());

        await _store!.ForgetAsync(Cancellation);
        await StoreAsync(claim, 1, records);
        StoredPoints.AssertSame([.. _host.Sent, .. other.Sent], await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_layout_that_a_restored_database_has_again_with_its_series_in_another_order_labels_nothing_in_the_old_one()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());

        // As after a restore of a copy in which there was nothing yet, where another sink met the same series the other way round.
        await Database.ExecuteAsync(
            """
            create table other as table hostwire.series;
            delete from hostwire.frame; delete from hostwire.layout_series; delete from hostwire.layout; delete from hostwire.series;
            select setval(pg_get_serial_sequence('hostwire.series', 'series_id'), 1, false), setval(pg_get_serial_sequence('hostwire.layout', 'layout_id'), 1, false);
            insert into hostwire.series (identity, metric_id, scope, attributes) select identity, metric_id, scope, attributes from other order by series_id desc;
            drop table other;
            """,
            Cancellation);
        _host.Sent.Clear();
        BatchStore first = await AnotherSinkAsync();
        await StoreAsync(claim, 1, _host.NextRecord());
        _store!.Dispose();
        _store = first;

        byte[] record = _host.NextRecord();
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(claim, 2, record));
        await _store.ForgetAsync(Cancellation);
        await StoreAsync(claim, 2, record);
        StoredPoints.AssertSame(_host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
        Assert.Equal(1, await Database.AdminScalarAsync<long>("select count(*) from hostwire.layout", Cancellation));
    }

    [Fact]
    public async Task A_number_that_a_restored_database_has_given_to_another_series_labels_nothing_of_its_first_owner()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, new SyntheticHost("web-2", seed: 2, gaugePoints: 0).NextRecord());

        // As after a restore of a copy in which there was nothing yet, where another sink has given the first number to a series whose row was rolled back.
        await Database.ExecuteAsync(
            """
            delete from hostwire.frame; delete from hostwire.layout_series; delete from hostwire.layout; delete from hostwire.series;
            select setval(pg_get_serial_sequence('hostwire.series', 'series_id'), 2, false), setval(pg_get_serial_sequence('hostwire.layout', 'layout_id'), 1, false);
            """,
            Cancellation);
        var third = new SyntheticHost("web-3", seed: 3, gaugePoints: 0);
        BatchStore first = await AnotherSinkAsync();
        await StoreAsync(claim, 1, third.NextRecord());
        await Database.ExecuteAsync("select setval(pg_get_serial_sequence('hostwire.series', 'series_id'), 1, false)", Cancellation);
        _store!.Dispose();
        _store = first;

        var fourth = new SyntheticHost("web-4", seed: 4, gaugePoints: 1);
        byte[] record = fourth.NextRecord();
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(claim, 2, record));
        await _store.ForgetAsync(Cancellation);
        await StoreAsync(claim, 2, record);
        StoredPoints.AssertSame([.. third.Sent, .. fourth.Sent], await StoredPoints.ReadAsync(Database, Cancellation));
    }

    [Fact]
    public async Task Frames_of_one_host_and_time_are_stored_once_each_in_whatever_company_and_order_they_come()
    {
        PartitionClaim claim = await ClaimAsync("one");
        long next = 0;

        // Three frames, since a layout has 240 series at most.
        byte[] large = Record(gaugePoints: 600);
        byte[] small = Record(gaugePoints: 3);
        byte[] other = Record(gaugePoints: 5);
        await StoreAsync(claim, next++, large);
        Assert.Equal("0 1 2", await SlotsAsync());
        await StoreAsync(claim, next++, large);
        Assert.Equal("0 1 2", await SlotsAsync());
        await StoreAsync(claim, next++, small);
        Assert.Equal("0 1 2 3", await SlotsAsync());

        // A sink that knows nothing yet, and takes its batches for ordinary ones until it meets something.
        foreach (byte[][] records in (byte[][][])[[small], [large], [small, other, large], [other], [other, other, small], [large, large]])
        {
            (await AnotherSinkAsync()).Dispose();
            await StoreAsync(claim, next, records);
            next += records.Length;
        }

        Assert.Equal("0 1 2 3 4", await SlotsAsync());
        Assert.Equal(0, await Database.AdminScalarAsync<long>("select count(*) from hostwire.conflict", Cancellation));
        Assert.Equal(601 + 4 + 6, await Database.AdminScalarAsync<long>("select count(*) from hostwire.metrics", Cancellation));

        byte[] Record(int gaugePoints) => new SyntheticHost("web-1", seed: gaugePoints, startMicros: _host.StartMicros, gaugePoints: gaugePoints).NextRecord();

        Task<string?> SlotsAsync() => Database.AdminScalarAsync<string?>(
            "select string_agg(slot::text, ' ' order by slot) from hostwire.host_slot join hostwire.frame using (host_id, slot)", Cancellation);
    }

    [Fact]
    public async Task Slots_that_a_restored_database_has_forgotten_are_noticed()
    {
        // Three frames for each time.
        var host = new SyntheticHost("web-1", seed: 1, gaugePoints: 600);
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, host.NextRecord());

        // As after a restore of a copy in which host and layouts were there already, but had not met yet.
        await Database.ExecuteAsync("delete from hostwire.frame; delete from hostwire.host_slot where slot > 0", Cancellation);
        host.Sent.Clear();
        byte[] record = host.NextRecord();
        await Assert.ThrowsAsync<FencedException>(() => StoreAsync(claim, 1, record));

        await _store!.ForgetAsync(Cancellation);
        await StoreAsync(claim, 1, record);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(Database, Cancellation));
        await StoreAsync(claim, 2, record);
    }

    [Fact]
    public async Task A_frame_that_is_in_quarantine_already_is_a_duplicate_or_a_conflict()
    {
        PartitionClaim claim = await ClaimAsync("one");
        byte[] record = Record(seed: 1);
        await StoreAsync(claim, 0, record);
        await StoreAsync(claim, 1, record, Record(seed: 2));
        Assert.Equal("1 quarantined, conflicts: 2 true", await Database.AdminScalarAsync<string>(
            "select format('%s quarantined, conflicts: %s', (select count(*) from hostwire.quarantine), (select string_agg(record_offset || ' ' || (stored_digest <> received_digest), ', ') from hostwire.conflict))", Cancellation));

        static byte[] Record(int seed) => new SyntheticHost("web-1", seed, startMicros: 86_400_000_000).NextRecord();
    }

    [Fact]
    public async Task A_day_that_somebody_detached_goes_to_quarantine_and_holds_up_nothing()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());
        string day = (await Database.AdminScalarAsync<string>("select format('%s', tableoid::regclass) from hostwire.frame limit 1", Cancellation))!;
        await Database.ExecuteAsync($"alter table hostwire.frame detach partition {day}", Cancellation);
        await StoreAsync(claim, 1, _host.NextRecord());
        Assert.Equal(2, await StoredOffsetAsync());
        Assert.Equal(1, await Database.AdminScalarAsync<long>("select count(*) from hostwire.quarantine", Cancellation));

        // frame_YYYYMMDD
        var date = DateOnly.ParseExact(day[^8..], "yyyyMMdd", CultureInfo.InvariantCulture);
        await Database.ExecuteAsync($"alter table hostwire.frame attach partition {day} for values from ('{date:yyyy-MM-dd} 00:00+00') to ('{date.AddDays(1):yyyy-MM-dd} 00:00+00')", Cancellation);
        await _store!.ForgetDaysAsync(Cancellation);
        await StoreAsync(claim, 2, _host.NextRecord());
        Assert.Equal(1, await Database.AdminScalarAsync<long>("select count(*) from hostwire.quarantine", Cancellation));
    }

    [Fact]
    public async Task A_setting_that_is_no_number_is_nobodys_record_at_fault()
    {
        PartitionClaim claim = await ClaimAsync("one");
        byte[] record = _host.NextRecord();
        await Database.ExecuteAsync("update hostwire.setting set value = '\"a month\"' where name = 'retention_days'", Cancellation);
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => StoreAsync(claim, 0, record));
        Assert.Equal(PostgresErrorCodes.InvalidTextRepresentation, refused.SqlState);
        Assert.Contains("retention_days", PostgresTrouble.From(refused, new PostgresOptions { Uri = Database.Uri }).Sentence, StringComparison.Ordinal);
        await Database.ExecuteAsync("select hostwire.set_retention(7)", Cancellation);
        await StoreAsync(claim, 0, record);
        Assert.Equal(0, await Database.AdminScalarAsync<long>("select count(*) from hostwire.dead_letter", Cancellation));
    }

    [Fact]
    public async Task A_sink_of_a_version_without_slots_is_refused_so_that_it_cannot_take_a_second_frame_of_one_time_for_the_first()
    {
        PartitionClaim claim = await ClaimAsync("one");
        await StoreAsync(claim, 0, _host.NextRecord());
        await using NpgsqlCommand former = _connection!.CreateCommand();
        former.CommandText = "insert into hostwire.frame (time, host_id, layout_id, values) select time + interval '1 second', host_id, layout_id, values from hostwire.frame";
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => former.ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.NotNullViolation, refused.SqlState);
        Assert.False(PostgresTrouble.IsDataError(refused));
    }

    private async Task<BatchStore> NewStoreAsync() =>
        new(new TopicSource("group", Partition.Topic, _log), await StoredSettings.PrepareAsync(Database.Sink, retentionDays: 7, _log, Cancellation), _log, TimeProvider.System);

    /// <summary>Goes on with a sink that knows nothing yet; returns the one before.</summary>
    private async Task<BatchStore> AnotherSinkAsync()
    {
        BatchStore before = _store!;
        _store = await NewStoreAsync();
        return before;
    }

    private Task<PartitionClaim> ClaimAsync(string owner) =>
        new ClaimStore("group", owner, new SinkCounters(TimeProvider.System), _log).ClaimAsync(_connection!, Partition, Facts, () => Task.FromResult(Facts), Cancellation);

    private async Task StoreAsync(PartitionClaim claim, long offset, params byte[][] values) => Assert.Equal((values.Length, 0), await OutcomeAsync(claim, offset, values));

    private async Task<(int Records, int DeadLetters)> OutcomeAsync(PartitionClaim claim, long offset, params byte[][] values)
    {
        Hostwire.Sink.RawRecord[] records = [.. values.Select((value, index) => new Hostwire.Sink.RawRecord(claim, offset + index, Key: null, value, TimeMillis: 0))];
        (int Records, int DeadLetters) sum = default;
        await foreach (BatchOutcome outcome in _store!.StoreAsync(_connection!, records, Cancellation))
        {
            sum = (sum.Records + outcome.Records, sum.DeadLetters + outcome.DeadLetters);
        }

        return sum;
    }

    private Task<long> StoredOffsetAsync() => Database.AdminScalarAsync<long>("select next_offset from hostwire.kafka_offset", Cancellation);
}
