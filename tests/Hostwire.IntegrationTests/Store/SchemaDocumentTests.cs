using System.Text;
using Hostwire.IntegrationTests.Rig;
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
        await AssertSameAsync(part, await DescribeAsync(database, kinds));
    }

    [Fact]
    public async Task The_document_lists_the_rights_that_the_roles_have()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await AssertSameAsync("rights", await RightsAsync(database));
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

    private static async Task AssertSameAsync(string part, string expected)
    {
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

    /// <summary>A line for each table, and for each function that not only reads: what sink, reader and maintenance may do with it.</summary>
    private static async Task<string> RightsAsync(TestDatabase database)
    {
        const string sql = """
            with rights as (
              select c.oid::bigint as object, '`' || c.relname || '`' as name, r.role, r.place, coalesce(string_agg(
                case when has_table_privilege(r.role, c.oid, p.name) then p.name else p.name || ' of ' || (
                  select string_agg(a.attname, ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and has_column_privilege(r.role, c.oid, a.attnum, p.name)) end,
                '; ' order by p.place) filter (where has_table_privilege(r.role, c.oid, p.name) or case when p.name <> 'delete' then has_any_column_privilege(r.role, c.oid, p.name) end), '') as rights
              from pg_class c, (select ordinality as place, role from unnest($1) with ordinality x (role, ordinality)) r, (values (1, 'select'), (2, 'insert'), (3, 'update'), (4, 'delete')) p (place, name)
              where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
              group by c.oid, c.relname, r.role, r.place
              union all
              select 1e9 + f.oid::bigint, '`' || f.proname || '()`', r.role, r.place, case when has_function_privilege(r.role, f.oid, 'execute') then 'execute' else '' end
              from pg_proc f, (select ordinality as place, role from unnest($1) with ordinality x (role, ordinality)) r
              where f.pronamespace = 'hostwire'::regnamespace and (f.prosecdef or f.proname = 'limit_of'))
            select name, string_agg(rights, ' | ' order by place) from rights group by object, name order by object
            """;
        var text = new StringBuilder("\n| | sink | reader | maintenance |\n|---|---|---|---|\n");
        await using NpgsqlCommand command = database.DataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = new[] { database.Roles.Sink, database.Roles.Reader, database.Roles.Maintenance } });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            text.Append("| ").Append(reader.GetString(0)).Append(" | ").Append(reader.GetString(1)).Append(" |\n");
        }

        return text.Append("| views | | select | |\n| other functions that only read | | execute | |\n\n").ToString();
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
}
