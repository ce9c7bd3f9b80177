using System.Text;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

/// <summary><c>docs/schema.md</c> tells what the database has: its tables are those of the comments, and its queries run.</summary>
public sealed class SchemaDocumentTests(PostgresServer server)
{
    private static readonly string Document = Path.Combine(Repository.Root, "docs", "schema.md");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tables", "'r', 'p'")]
    [InlineData("views", "'v'")]
    public async Task The_document_lists_the_columns_that_the_database_has(string part, string kinds)
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        string expected = await DescribeAsync(database, kinds);
        string text = await File.ReadAllTextAsync(Document, Cancellation);
        string begin = $"<!-- {part}: begin -->\n";
        int start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int end = text.IndexOf($"<!-- {part}: end -->", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("HOSTWIRE_WRITE_DOCS") is "1")
        {
            await File.WriteAllTextAsync(Document, text[..start] + expected + text[end..], Cancellation);
            return;
        }

        Assert.True(
            string.Equals(expected, text[start..end], StringComparison.Ordinal),
            $"The {part} in docs/schema.md are not those of the database: run this test with HOSTWIRE_WRITE_DOCS=1 to write them anew.");
    }

    [Fact]
    public async Task Every_query_of_the_document_runs()
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        await store.AddAsync("web-1", 1, ("system.cpu.time{cpu=cpu0,state=idle}", 1));
        string[] queries = await BlocksAsync("Ready-made queries");
        Assert.True(queries.Length >= 10, $"Only {queries.Length} queries were found.");
        foreach (string query in queries)
        {
            await store.RowsAsync(query);
        }
    }

    [Fact]
    public async Task The_documented_grants_are_enough_to_write_and_to_read_and_no_more()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        string sql = (await BlocksAsync("Rights")).Single();
        string writer = $"{database.Name}_writer";
        string reader = $"{database.Name}_reader";
        await database.CreateRoleAsync(writer, Cancellation);
        await database.CreateRoleAsync(reader, Cancellation);
        await database.ExecuteAsync(
            sql.Replace("hostwire_writer", writer, StringComparison.Ordinal).Replace("hostwire_reader", reader, StringComparison.Ordinal), Cancellation);

        await using (NpgsqlDataSource source = ConnectAs(database, writer))
        {
            await Migrator.RequireCurrentAsync(source, Cancellation);
            Assert.Empty((await Migrator.MigrateAsync(source, NullLogger.Instance, Cancellation)).Applied);
            await ExecuteAsync(source, "select hostwire.set_retention(14); select * from hostwire.maintain(); select hostwire.ensure_partition((now() at time zone 'UTC')::date - 1)");
            await ExecuteAsync(source, """
                begin;
                insert into hostwire.host (identity, name) values (sha256('a'), 'a');
                insert into hostwire.metric (identity, name, unit, kind) values (sha256('m'), 'm', '1', 'counter');
                insert into hostwire.series (identity, metric_id, scope, attributes) select sha256('s'), metric_id, '', '{}' from hostwire.metric;
                insert into hostwire.layout (identity) values (sha256('l'));
                insert into hostwire.layout_series select layout_id, 1, series_id from hostwire.layout, hostwire.series;
                create temporary table incoming (like hostwire.frame) on commit drop;
                insert into hostwire.frame select now(), host_id, layout_id, '{1}' from hostwire.host, hostwire.layout on conflict do nothing;
                update hostwire.host set last_seen = now();
                insert into hostwire.dead_letter (topic, partition, record_offset, topic_id, reason) values ('t', 0, 1, 'i', 'junk');
                commit
                """);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(source, "drop table hostwire.frame"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await using (NpgsqlDataSource source = ConnectAs(database, reader))
        {
            foreach (string view in (string[])["metrics", "latest", "freshness", "rates", "cpu", "memory", "filesystem", "disk", "network", "load", "system_metrics"])
            {
                await ExecuteAsync(source, $"select * from hostwire.{view}");
            }

            await ExecuteAsync(source, "select * from hostwire.points('m', 'a', now() - interval '1 hour', now())");
            foreach (string forbidden in (string[])["delete from hostwire.host", "select payload from hostwire.dead_letter", "select hostwire.set_retention(1)"])
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(source, forbidden));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
            }
        }

        await database.ExecuteAsync($"drop owned by {writer}, {reader}; drop role {writer}, {reader}", Cancellation);
    }

    private static async Task<string> DescribeAsync(TestDatabase database, string kinds)
    {
        // Views that others are made of come last: few people ever look at them.
        string sql = $"""
            select c.relname::text, obj_description(c.oid, 'pg_class'), a.attname::text, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ({kinds}) and not c.relispartition
            order by obj_description(c.oid, 'pg_class') ~ 'made of it', c.oid, a.attnum
            """;
        var text = new StringBuilder();
        await using NpgsqlCommand command = database.DataSource.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        string last = "";
        while (await reader.ReadAsync(Cancellation))
        {
            string name = reader.GetString(0);
            if (!string.Equals(name, last, StringComparison.Ordinal))
            {
                text.Append("\n### ").Append(name).Append("\n\n").Append(reader.GetString(1)).Append("\n\n| column | type | meaning |\n|---|---|---|\n");
                last = name;
            }

            text.Append("| `").Append(reader.GetString(2)).Append("` | ").Append(reader.GetString(3)).Append(" | ").Append(Cell(reader.GetString(4))).Append(" |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Cell(string comment) => comment.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>The SQL blocks below one heading.</summary>
    private static async Task<string[]> BlocksAsync(string heading)
    {
        string text = await File.ReadAllTextAsync(Document, Cancellation);
        string section = text[text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        int next = section.IndexOf("\n## ", 1, StringComparison.Ordinal);
        return [.. section[..(next < 0 ? section.Length : next)].Split("```sql\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)])];
    }

    private static NpgsqlDataSource ConnectAs(TestDatabase database, string role) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = role, Pooling = false });

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
