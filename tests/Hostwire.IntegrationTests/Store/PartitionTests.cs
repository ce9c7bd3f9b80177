using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

public sealed class PartitionTests(PostgresServer server)
{
    private const string Today = "(now() at time zone 'UTC')::date";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-31, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_day_is_kept_from_the_retention_to_three_days_ahead(int daysFromToday, bool kept)
    {
        await using TestDatabase database = await CreateAsync();
        Assert.Equal(kept, await TestDatabase.ScalarAsync<bool>(database.Sink, $"select hostwire.ensure_partition({Today} + {daysFromToday})", Cancellation));
        Assert.Equal(kept ? 1L : 0L, await CountPartitionsAsync(database));
    }

    [Fact]
    public async Task No_day_at_all_is_not_kept()
    {
        await using TestDatabase database = await CreateAsync();
        Assert.False(await TestDatabase.ScalarAsync<bool>(database.Sink, "select hostwire.ensure_partition(null)", Cancellation));
        Assert.False(await TestDatabase.ScalarAsync<bool>(database.Sink, "select hostwire.ensure_partition('infinity')", Cancellation));
    }

    [Fact]
    public async Task Eight_sessions_that_need_the_same_days_all_get_them()
    {
        await using TestDatabase database = await CreateAsync();
        async Task<bool> EnsureAllAsync()
        {
            await using NpgsqlCommand command = database.Sink.CreateCommand($"select bool_and(hostwire.ensure_partition({Today} - n)) from generate_series(0, 9) n");
            return (bool)(await command.ExecuteScalarAsync(Cancellation))!;
        }

        bool[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(EnsureAllAsync, Cancellation)));
        Assert.All(answers, Assert.True);
        Assert.Equal(10L, await CountPartitionsAsync(database));
    }

    [Fact]
    public async Task A_partition_is_made_while_others_read_and_write_the_table()
    {
        await using TestDatabase database = await CreateAsync();
        await database.ExecuteAsync($"select hostwire.ensure_partition({Today})", Cancellation);
        await using NpgsqlConnection writer = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using NpgsqlTransaction transaction = await writer.BeginTransactionAsync(Cancellation);
        await using (var insert = new NpgsqlCommand("insert into hostwire.frame select now(), 1, 1, '{1}', 0 where not exists (select from hostwire.frame)", writer))
        {
            Assert.Equal(1, await insert.ExecuteNonQueryAsync(Cancellation));
        }

        Assert.True(await TestDatabase.ScalarAsync<bool>(database.Sink, $"select hostwire.ensure_partition({Today} - 1)", Cancellation));
        await transaction.CommitAsync(Cancellation);
    }

    [Fact]
    public async Task A_partition_holds_a_utc_day_whatever_the_time_zone_of_the_session()
    {
        await using TestDatabase database = await CreateAsync();
        await database.ExecuteAsync($"""
            set timezone = 'Pacific/Kiritimati';
            select hostwire.ensure_partition({Today} - 1);
            set timezone = 'America/Los_Angeles';
            select hostwire.ensure_partition({Today});
            insert into hostwire.frame values
              ((({Today} - 1)::timestamp at time zone 'UTC'), 1, 1, array[1], 0),
              (({Today}::timestamp at time zone 'UTC') - interval '1 microsecond', 1, 1, array[2], 0),
              (({Today}::timestamp at time zone 'UTC'), 1, 1, array[3], 0);
            """, Cancellation);
        const string wrong = "select count(*) from hostwire.frame where tableoid::regclass::text <> 'hostwire.frame_' || to_char(time at time zone 'UTC', 'YYYYMMDD')";
        Assert.Equal(0L, await database.ScalarAsync<long>(wrong, Cancellation));
        Assert.Equal(2L, await CountPartitionsAsync(database));
    }

    [Fact]
    public async Task Maintenance_makes_the_days_ahead_once()
    {
        await using TestDatabase database = await CreateAsync();
        Assert.Equal(4L, await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain() where task = 'create partition' and outcome = 'done'", Cancellation));
        Assert.Equal(0L, await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain()", Cancellation));
        Assert.Equal(4L, await CountPartitionsAsync(database));
    }

    [Fact]
    public async Task Days_older_than_the_retention_are_dropped_whole_and_counted()
    {
        await using TestDatabase database = await CreateAsync();
        await FillDaysAsync(database, 10);
        await database.ExecuteAsync("select hostwire.set_retention(7)", Cancellation);
        Assert.Equal(3L, await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain() where task = 'drop partition' and outcome like 'done%'", Cancellation));
        Assert.Equal(8L, await database.ScalarAsync<long>("select count(*) from hostwire.frame", Cancellation));
        Assert.Equal($"{8}", await database.ScalarAsync<string>($"select count(distinct time)::text from hostwire.frame where (time at time zone 'UTC')::date >= {Today} - 7", Cancellation));
        Assert.True(await database.ScalarAsync<bool>("select bytes > 0 from hostwire.removed where what = 'frame'", Cancellation));
    }

    [Fact]
    public async Task A_drop_that_would_wait_for_a_reader_is_skipped_and_done_later()
    {
        await using TestDatabase database = await CreateAsync();
        await FillDaysAsync(database, 5);
        await database.ExecuteAsync("select hostwire.set_retention(3)", Cancellation);
        await using (NpgsqlConnection reader = await database.DataSource.OpenConnectionAsync(Cancellation))
        await using (NpgsqlTransaction transaction = await reader.BeginTransactionAsync(Cancellation))
        {
            await using var read = new NpgsqlCommand("select count(*) from hostwire.frame", reader);
            await read.ExecuteScalarAsync(Cancellation);
            Assert.Equal(2L, await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain() where task = 'drop partition' and outcome like 'skipped%'", Cancellation));
            await database.ExecuteAsync("insert into hostwire.frame values (now(), 2, 1, '{1}', 0)", Cancellation);
        }

        Assert.Equal(2L, await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain() where task = 'drop partition' and outcome like 'done%'", Cancellation));
        Assert.Equal(0L, await database.ScalarAsync<long>($"select count(*) from hostwire.frame where (time at time zone 'UTC')::date < {Today} - 3", Cancellation));
    }

    [Fact]
    public async Task Only_one_session_maintains_at_a_time()
    {
        await using TestDatabase database = await CreateAsync();
        await using NpgsqlConnection first = await database.Sink.OpenConnectionAsync(Cancellation);
        await using NpgsqlTransaction transaction = await first.BeginTransactionAsync(Cancellation);
        await using var maintain = new NpgsqlCommand("select count(*) from hostwire.maintain()", first);
        await maintain.ExecuteScalarAsync(Cancellation);
        Assert.Equal("skipped: another session is at it", await TestDatabase.ScalarAsync<string>(database.Sink, "select outcome from hostwire.maintain()", Cancellation));
    }

    [Fact]
    public async Task A_sink_that_shortens_the_retention_says_how_many_days_go()
    {
        await using TestDatabase database = await CreateAsync();
        await FillDaysAsync(database, 10);
        using var log = new LogLines();
        foreach (int days in (int[])[30, 20, 3, 3, 30])
        {
            await StoredSettings.PrepareAsync(database.Sink, days, log, Cancellation);
        }

        Assert.Contains("7 days of metrics are dropped", Assert.Single(log.All).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36501)]
    public async Task A_retention_that_makes_no_sense_is_refused(int days)
    {
        await using TestDatabase database = await CreateAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ScalarAsync<object>(database.Sink, $"select hostwire.set_retention({days})", Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidParameterValue, refused.SqlState);
        Assert.Equal(30, await database.ScalarAsync<int>("select hostwire.retention_days()", Cancellation));
    }

    [Fact]
    public async Task Dead_letters_beyond_their_limits_lose_payload_then_row_and_are_counted()
    {
        await using TestDatabase database = await CreateAsync();
        await database.ExecuteAsync("""
            update hostwire.setting set value = '250' where name = 'dead_letter_max_bytes';
            update hostwire.setting set value = '4' where name = 'dead_letter_max_rows';
            insert into hostwire.dead_letter (received_at, topic, partition, record_offset, topic_id, reason, payload)
            select now() - case n when 1 then interval '31 days' else interval '1 hour' end, 't', 0, n, 'id', 'junk', convert_to(repeat('x', 100), 'UTF8') from generate_series(1, 6) n;
            select * from hostwire.maintain();
            """, Cancellation);
        Assert.Equal("3:- 4:- 5:100 6:100", await database.AdminScalarAsync<string>(
            "select string_agg(record_offset || ':' || coalesce(length(payload)::text, '-'), ' ' order by record_offset) from hostwire.dead_letter", Cancellation));
        Assert.Equal("junk [payload of 100 bytes dropped to stay below dead_letter_max_bytes]", await database.AdminScalarAsync<string>(
            "select reason from hostwire.dead_letter where record_offset = 4", Cancellation));
        Assert.Equal("dead_letter 2/200, dead_letter payload 2/200", await database.ScalarAsync<string>(
            "select string_agg(format('%s %s/%s', what, rows, bytes), ', ' order by what) from hostwire.removed", Cancellation));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("-1")]
    [InlineData("\"256MB\"")]
    [InlineData("1e30")]
    [InlineData("1000000.5")]
    [InlineData("\"1000000\"")]
    public async Task A_limit_that_is_none_removes_nothing_and_stops_nobody(string value)
    {
        await using TestDatabase database = await CreateAsync();
        await database.ExecuteAsync($"""
            update hostwire.setting set value = '{value}' where name ~ '_max_|_hours$';
            insert into hostwire.dead_letter (received_at, topic, partition, record_offset, topic_id, reason, payload) values (now() - interval '99 days', 't', 0, 1, 'id', 'junk', 'x');
            insert into hostwire.conflict (detected_at, host_id, layout_id, time, received_digest, topic, partition, record_offset) values (now() - interval '99 days', 1, 1, now(), '\x00', 't', 0, 1);
            insert into hostwire.quarantine (received_at, time, host_id, layout_id, values, reason, topic, partition, record_offset)
            values (now() - interval '99 days', '1970-01-01 00:00:00+00', 1, 1, array[1,2], 'too old', 't', 0, 1);
            select * from hostwire.maintain();
            select * from hostwire.remove_unused('series');
            """, Cancellation);
        Assert.True(await TestDatabase.ScalarAsync<bool>(database.Sink, "select hostwire.has_room_for_payloads()", Cancellation));
        Assert.Equal(3L, await database.AdminScalarAsync<long>(
            "select (select count(payload) from hostwire.dead_letter) + (select count(*) from hostwire.conflict) + (select count(*) from hostwire.quarantine)", Cancellation));
    }

    [Fact]
    public async Task Old_conflicts_and_quarantined_frames_go_and_are_counted()
    {
        await using TestDatabase database = await CreateAsync();
        await database.ExecuteAsync("""
            update hostwire.setting set value = '2' where name in ('conflict_max_rows', 'quarantine_max_rows');
            insert into hostwire.conflict (detected_at, host_id, layout_id, time, received_digest, topic, partition, record_offset)
            select now() - n * interval '10 days', 1, 1, now(), '\x00', 't', 0, n from generate_series(4, 1, -1) n;
            insert into hostwire.quarantine (received_at, time, host_id, layout_id, values, reason, topic, partition, record_offset)
            select now() - n * interval '10 days', '1970-01-01 00:00:00+00', 1, n, '{1,2}', 'too old', 't', 0, n from generate_series(1, 4) n;
            select * from hostwire.maintain();
            """, Cancellation);
        Assert.Equal("1 2", await database.ScalarAsync<string>("select string_agg(record_offset::text, ' ' order by record_offset) from hostwire.conflict", Cancellation));
        Assert.Equal("1 2", await database.ScalarAsync<string>("select string_agg(record_offset::text, ' ' order by record_offset) from hostwire.quarantine", Cancellation));
        Assert.Equal("conflict 2, quarantine 2", await database.ScalarAsync<string>(
            "select string_agg(format('%s %s', what, rows), ', ' order by what) from hostwire.removed", Cancellation));
    }

    private static Task<long> CountPartitionsAsync(TestDatabase database) =>
        database.ScalarAsync<long>("select count(*) from pg_inherits where inhparent = 'hostwire.frame'::regclass", Cancellation);

    private static Task FillDaysAsync(TestDatabase database, int daysBack) => database.ExecuteAsync($"""
        select hostwire.ensure_partition({Today} - n) from generate_series(0, {daysBack}) n;
        insert into hostwire.frame select ({Today} - n)::timestamp at time zone 'UTC', 1, 1, array[n], 0 from generate_series(0, {daysBack}) n;
        """, Cancellation);

    private Task<TestDatabase> CreateAsync() => server.CreateDatabaseAsync(Cancellation);
}
