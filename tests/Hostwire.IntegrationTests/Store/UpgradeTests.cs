using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Sink;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary>From one version of Hostwire to the next. The previous one is the last tag's; as long as there is none, it is taken to lack the newest migration.</summary>
public sealed class UpgradeTests(PostgresServer server, PublishedBinary hostwire) : IDisposable
{
    private static readonly IReadOnlyList<Migration> Known = MigrationCatalogue.Load();

    private readonly TestDirectory _files = new("upgrade");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrations_that_were_released_are_never_changed()
    {
        IReadOnlyList<Migration> released = await ReleasedMigrations.LoadAsync() ?? [];
        Assert.Equal(released.Select(Described), Known.Take(released.Count).Select(Described), StringComparer.Ordinal);

        static string Described(Migration migration) => $"{migration} {Convert.ToHexStringLower(migration.Sha256)}";
    }

    [Fact]
    public async Task A_database_of_the_previous_version_is_migrated_forward_with_its_data_intact()
    {
        IReadOnlyList<Migration> previous = await ReleasedMigrations.LoadAsync() ?? [.. Known.SkipLast(1)];
        TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, previous, NullLogger.Instance, Cancellation);
        await using HandMadeStore store = await HandMadeStore.CreateAsync(database);
        for (int second = 0; second < 60; second += 10)
        {
            await store.AddAsync("web-1", second, ("system.cpu.time{cpu=cpu0,state=user}", second), ("system.memory.usage{state=used}", 1e9 + second));
        }

        await database.ExecuteAsync(
            """
            insert into hostwire.kafka_offset (group_id, topic, partition, cluster_id, topic_id, next_offset, owner_epoch, owner) values ('g', 't', 0, 'c', 'i', 42, 7, 'o');
            insert into hostwire.dead_letter (topic, partition, record_offset, topic_id, reason, payload) values ('t', 0, 41, 'i', 'broken', '\x00ff');
            """,
            Cancellation);
        Dictionary<string, string> columns = await ColumnsAsync(database);
        Dictionary<string, string> before = await TablesAsync(database, columns);
        Assert.StartsWith("6 ", before["frame"], StringComparison.Ordinal);

        RunResult migrate = await hostwire.RunAsync(["db", "migrate"], Uri(database), Cancellation);
        Assert.True(migrate.ExitCode == 0, migrate.StandardError);
        Assert.EndsWith($"the schema went from version {previous.Count} to {Known.Count}.\n", migrate.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(before, await TablesAsync(database, columns));
        Assert.Equal(
            ["web-1|system.memory.usage|50|1000000050"],
            await store.RowsAsync("select host, metric, time, value from hostwire.latest where metric = 'system.memory.usage'"));
    }

    [Fact]
    public async Task Frames_of_one_host_and_time_get_slots_of_their_own_when_there_are_slots()
    {
        TestDatabase database = await BeforeAsync("slots");
        await using HandMadeStore store = await HandMadeStore.CreateAsync(database);
        await store.AddAsync("web-1", 10, ("system.memory.usage{state=used}", 1));
        await store.AddAsync("web-1", 10, ("system.network.io{device=eth0}", 2));
        await store.AddAsync("web-1", 10, ("system.disk.io{device=sda}", 3));
        await store.AddAsync("web-1", 20, ("system.memory.usage{state=used}", 4));
        await store.AddAsync("web-2", 10, ("system.memory.usage{state=used}", 5));

        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        Assert.Equal(
            ["web-1|10|0", "web-1|10|1", "web-1|10|2", "web-1|20|0", "web-2|10|0"],
            await store.RowsAsync("select h.name, f.time, f.slot from hostwire.frame f join hostwire.host h using (host_id) order by 1, 2, 3"));
        Assert.Equal(
            ["web-1|system.disk.io|10|3", "web-1|system.memory.usage|10|1", "web-1|system.memory.usage|20|4", "web-1|system.network.io|10|2", "web-2|system.memory.usage|10|5"],
            await store.RowsAsync("select host, metric, time, value from hostwire.metrics order by 1, 2, 3"));
    }

    [Fact]
    public async Task The_identity_that_a_layout_had_before_it_told_the_order_of_values_becomes_the_one_that_a_sink_makes()
    {
        TestDatabase database = await BeforeAsync("layout_order");
        await using HandMadeStore store = await HandMadeStore.CreateAsync(database);
        await store.AddAsync("web-1", 10, ("system.memory.usage{state=used}", 1), ("system.network.io{device=eth0}", 2), ("system.disk.io{device=sda}", 3));
        await store.AddAsync("web-1", 20, ("system.disk.io{device=sda}", 4), ("system.cpu.time{cpu=cpu0}", 5));

        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        await using NpgsqlCommand command = database.DataSource.CreateCommand(
            """
            select l.identity, array_agg(s.identity order by position) from hostwire.layout l join hostwire.layout_series using (layout_id) join hostwire.series s using (series_id)
            group by l.layout_id order by count(*) desc
            """);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        foreach (int series in (int[])[3, 2])
        {
            Assert.True(await reader.ReadAsync(Cancellation));
            byte[][] identities = reader.GetFieldValue<byte[][]>(1);
            Assert.Equal(series, identities.Length);
            Assert.Equal(Identity.OfLayout(identities), reader.GetFieldValue<byte[]>(0));
        }
    }

    [Fact]
    public async Task The_previous_sink_refuses_the_schema_of_a_newer_one_in_one_sentence()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        Migration future = new(Known.Count + 1, "future", "create table hostwire.future (i integer);");
        await Migrator.MigrateAsync(database.DataSource, [.. Known, future], NullLogger.Instance, Cancellation);
        string settings = await _files.WriteAsync("sink.toml", SinkSettings.Text("127.0.0.1:1", "metrics", database.AdminUri));

        foreach (string[] verb in (string[][])[["sink", "--config", settings], ["db", "migrate", "--config", settings], ["db", "maintain", "--config", settings]])
        {
            RunResult refused = await hostwire.RunAsync(verb, cancellationToken: Cancellation);
            Assert.Equal(1, refused.ExitCode);
            string sentence = Assert.Single(refused.StandardError.Trim().Split('\n'), line => line.StartsWith("hostwire: ", StringComparison.Ordinal));
            Assert.Contains($"is newer (migration {Known.Count + 1}, future) than this program knows (up to {Known.Count}): install the newer hostwire.", sentence, StringComparison.Ordinal);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>A database as it was before a migration.</summary>
    private async Task<TestDatabase> BeforeAsync(string name)
    {
        TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, [.. Known.TakeWhile(migration => migration.Name != name)], NullLogger.Instance, Cancellation);
        return database;
    }

    private static Dictionary<string, string?> Uri(TestDatabase database) => new(StringComparer.Ordinal) { ["HOSTWIRE_POSTGRES_URI"] = database.AdminUri };

    /// <summary>The tables of the schema that hold data, each with its columns as SQL names them. Left out are partitions, what migrations themselves write, when something was last used or marked as unused, and the identities of layouts, which are made of those of their series: a migration may start these anew.</summary>
    private static async Task<Dictionary<string, string>> ColumnsAsync(TestDatabase database)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        await using NpgsqlCommand command = database.DataSource.CreateCommand(
            """
            select c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped and c.relname not in ('migration', 'setting')
            and a.attname not in ('last_seen', 'marked_at') and (c.relname, a.attname) <> ('layout', 'identity')
            group by c.relname
            """);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            columns.Add(reader.GetString(0), reader.GetString(1));
        }

        return columns;
    }

    /// <summary>For each table how many rows it has, and a digest of what these columns hold.</summary>
    private static async Task<Dictionary<string, string>> TablesAsync(TestDatabase database, Dictionary<string, string> columns)
    {
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string table, string names) in columns)
        {
            contents.Add(table, (await database.AdminScalarAsync<string>(
                $"select concat_ws(' ', count(*), md5(string_agg(t::text, chr(10) order by t::text))) from (select {names} from hostwire.{table}) t", Cancellation))!);
        }

        return contents;
    }
}
