using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Store.Roles;

/// <summary>
/// What each role may do with each object of the schema, against what is written here. A new table, or a new function that changes something or runs with
/// its owner's rights, fails these until it stands here: then it has been decided whom it is for.
/// </summary>
public sealed class RightsTests(PostgresServer server)
{
    // S select, I insert, U update, D delete, T truncate, R references, G trigger; a small letter: of some columns only, which stand below.
    private const string Tables = """
        conflict: sink I, reader S, maintenance I
        dead_letter: sink I, maintenance SuD
        frame: sink SI, reader S, maintenance SI
        gap: sink I, reader S, maintenance I
        host: sink SIu, reader S, maintenance SIu
        host_slot: sink SI, reader S, maintenance SI
        kafka_offset: sink SIu, reader S, maintenance SIu
        layout: sink SIu, reader S, maintenance SIu
        layout_series: sink SI, reader S, maintenance SI
        metric: sink SIu, reader S, maintenance SIu
        migration: sink S, reader S, maintenance S
        quarantine: sink SI, reader S, maintenance SI
        removed: reader S
        series: sink SIu, reader S, maintenance SIu
        setting: sink S, reader S, maintenance S
        """;

    private const string Columns = """
        dead_letter maintenance u: reason, tried_at
        host maintenance u: attributes, last_seen, marked_at
        host sink u: attributes, last_seen, marked_at
        kafka_offset maintenance u: cluster_id, topic_id, next_offset, owner_epoch, owner, updated_at
        kafka_offset sink u: cluster_id, topic_id, next_offset, owner_epoch, owner, updated_at
        layout maintenance u: marked_at, last_seen
        layout sink u: marked_at, last_seen
        metric maintenance u: marked_at
        metric sink u: marked_at
        series maintenance u: marked_at
        series sink u: marked_at
        """;

    // Functions that change something, or run with their owner's rights. All others only read, and are the reader's.
    private const string Functions = """
        analyze_frames(): maintenance, sink
        count_removed(text,bigint,bigint):
        ensure_partition(date): maintenance, sink
        has_room_for_payloads(): maintenance, sink
        has_table(text):
        limit_of(text): maintenance, reader, sink
        maintain(): maintenance, sink
        remove_unused(text): maintenance, sink
        set_retention(integer): sink
        """;

    // PUBLIC is everybody else.
    private const string Roles = "(values ('maintenance', '{0}'), ('public', 'public'), ('reader', '{1}'), ('sink', '{2}')) r (purpose, role)";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_are_for_whom_they_should_be()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        string found = await ReadAsync(database, """
            select t.relname || ': ' || string_agg(t.purpose || ' ' || t.rights, ', ' order by t.purpose desc) filter (where t.rights <> '') from (
              select c.relname, r.purpose, (
                select coalesce(string_agg(case when has_table_privilege(r.role, c.oid, p.name) then p.letter
                  when p.name in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') and has_any_column_privilege(r.role, c.oid, p.name) then lower(p.letter) else '' end, '' order by p.place), '')
                from (values (1, 'SELECT', 'S'), (2, 'INSERT', 'I'), (3, 'UPDATE', 'U'), (4, 'DELETE', 'D'), (5, 'TRUNCATE', 'T'), (6, 'REFERENCES', 'R'), (7, 'TRIGGER', 'G')) p (place, name, letter)) as rights
              from pg_class c, ROLES
              where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition) t
            group by t.relname order by t.relname collate "C"
            """);
        Assert.Equal(Tables, found);
    }

    [Fact]
    public async Task Columns_are_for_whom_they_should_be()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        string found = await ReadAsync(database, """
            select c.relname || ' ' || r.purpose || ' ' || p.letter || ': ' || string_agg(a.attname, ', ' order by a.attnum)
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
              ROLES, (values ('SELECT', 's'), ('INSERT', 'i'), ('UPDATE', 'u'), ('REFERENCES', 'r')) p (name, letter)
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
              and not has_table_privilege(r.role, c.oid, p.name) and has_column_privilege(r.role, c.oid, a.attnum, p.name)
            group by c.relname, r.purpose, p.letter order by c.relname collate "C"
            """);
        Assert.Equal(Columns, found);
    }

    [Fact]
    public async Task Views_are_for_the_reader_alone_and_partitions_and_sequences_for_nobody()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain()", Cancellation);
        string views = await ReadAsync(database, """
            select c.relname || ' ' || r.purpose || ' ' || p.name
            from pg_class c, ROLES, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p (name)
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('v', 'm')
              and has_table_privilege(r.role, c.oid, p.name) <> (r.purpose = 'reader' and p.name = 'SELECT')
            """);
        Assert.Equal("", views);
        string parts = await ReadAsync(database, """
            select c.relname || ' ' || r.purpose from pg_class c, ROLES
            where c.relnamespace = 'hostwire'::regnamespace and c.relispartition and c.relkind = 'r'
              and (has_table_privilege(r.role, c.oid, 'SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER') or has_any_column_privilege(r.role, c.oid, 'SELECT,INSERT,UPDATE,REFERENCES'))
            union all
            select c.relname || ' ' || r.purpose from pg_class c, ROLES
            where c.relnamespace = 'hostwire'::regnamespace and c.relkind = 'S' and has_sequence_privilege(r.role, c.oid, 'USAGE,SELECT,UPDATE')
            """);
        Assert.Equal("", parts);
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from pg_inherits where inhparent = 'hostwire.frame'::regclass", Cancellation));
    }

    [Fact]
    public async Task Functions_are_for_whom_they_should_be()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        string found = await ReadAsync(database, """
            select replace(substr(f.oid::regprocedure::text, 10), ' ', '') || ':' || coalesce(' ' || string_agg(r.purpose, ', ' order by r.purpose) filter (where has_function_privilege(r.role, f.oid, 'EXECUTE')), '')
            from pg_proc f, ROLES
            where f.pronamespace = 'hostwire'::regnamespace
            group by f.oid
            having bool_or(f.prosecdef or f.provolatile = 'v') or coalesce(string_agg(r.purpose, ', ' order by r.purpose) filter (where has_function_privilege(r.role, f.oid, 'EXECUTE')), '') <> 'reader'
            order by f.oid::regprocedure::text collate "C"
            """);
        Assert.Equal(Functions, found);
    }

    [Fact]
    public async Task Everything_belongs_to_the_owner_and_the_schema_opens_for_the_four_alone()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await TestDatabase.ScalarAsync<long>(database.Sink, "select count(*) from hostwire.maintain()", Cancellation);
        Assert.Equal(database.Roles.Owner, await database.ScalarAsync<string>("""
            select string_agg(distinct pg_get_userbyid(owner), ' ') from (
              select nspowner from pg_namespace where nspname = 'hostwire'
              union all select relowner from pg_class where relnamespace = 'hostwire'::regnamespace
              union all select proowner from pg_proc where pronamespace = 'hostwire'::regnamespace) o (owner)
            """, Cancellation));
        string schema = await ReadAsync(database, """
            select r.purpose || ' ' || p.name from ROLES, unnest('{CREATE,USAGE}'::text[]) p (name)
            where has_schema_privilege(r.role, 'hostwire', p.name) order by 1
            """);
        Assert.Equal("maintenance USAGE\nreader USAGE\nsink USAGE", schema);
        Assert.Equal(0L, await database.ScalarAsync<long>($"""
            select count(*) from pg_roles where rolname in ('{string.Join("', '", database.Roles.All)}')
              and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or not rolcanlogin
                or exists (select from pg_auth_members m where m.member = pg_roles.oid)
                or has_database_privilege(rolname, current_database(), 'create'))
            """, Cancellation));
    }

    [Theory]
    [InlineData("sink")]
    [InlineData("reader")]
    [InlineData("maintenance")]
    public async Task What_a_role_may_not_do_is_refused_when_it_is_tried(string purpose)
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        string role = database.Roles.All.Single(name => name.EndsWith($"_{purpose}", StringComparison.Ordinal));
        var tries = new List<(string Statement, bool May)>();
        await using (NpgsqlCommand command = database.DataSource.CreateCommand(Attempts.Replace("ROLE", role, StringComparison.Ordinal)))
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await reader.ReadAsync(Cancellation))
            {
                tries.Add((reader.GetString(0), reader.GetBoolean(1)));
            }
        }

        Assert.True(tries.Count > 300, $"Only {tries.Count} statements.");
        Assert.Contains(tries, attempt => attempt.May);
        await using NpgsqlDataSource source = database.ConnectAs(role);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(Cancellation);
        foreach ((string statement, bool may) in tries)
        {
            string outcome = await TryAsync(connection, statement);
            Assert.True(outcome.Length == 0 == may && outcome is "" or PostgresErrorCodes.InsufficientPrivilege, $"{statement}: {outcome}, though it {(may ? "may" : "may not")}.");
        }
    }

    // Nothing is changed by any of these; PostgreSQL looks at the rights all the same, before it looks at rows.
    private const string Attempts = """
        select statement, may from (
          select format('select from (select %I from hostwire.%I where false) x', a.attname, c.relname), has_column_privilege('ROLE', c.oid, a.attnum, 'SELECT')
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          union all
          select format('update hostwire.%I set %I = null where false', c.relname, a.attname), has_column_privilege('ROLE', c.oid, a.attnum, 'UPDATE')
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
          where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          union all
          select format('insert into hostwire.%I (%I) select null where false', c.relname, a.attname), has_column_privilege('ROLE', c.oid, a.attnum, 'INSERT')
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
          where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          union all
          select format(s.statement, c.relname), s.privilege <> '' and has_table_privilege('ROLE', c.oid, s.privilege)
          from pg_class c, (values
            ('delete from hostwire.%I where false', 'DELETE'),
            ('truncate hostwire.%I cascade', 'TRUNCATE'),
            ('create trigger attempt after insert on hostwire.%I for each row execute function suppress_redundant_updates_trigger()', 'TRIGGER'),
            ('drop table hostwire.%I cascade', ''),
            ('alter table hostwire.%I add column attempt integer', ''),
            ('grant select on hostwire.%I to public', '')) s (statement, privilege)
          where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and not (s.privilege = '' and s.statement like 'grant%')
          union all
          select format('select from hostwire.%I where false', c.relname), has_table_privilege('ROLE', c.oid, 'SELECT')
          from pg_class c where c.relnamespace = 'hostwire'::regnamespace and c.relkind = 'v'
          union all
          select format('select hostwire.%I(%s)', f.proname, (select string_agg(format('null::%s', t::regtype), ', ') from unnest(f.proargtypes::oid[]) t)), has_function_privilege('ROLE', f.oid, 'EXECUTE')
          from pg_proc f where f.pronamespace = 'hostwire'::regnamespace and (f.prosecdef or f.provolatile = 'v') and f.proname <> 'set_retention'
          union all
          values ('create table hostwire.attempt ()', false), ('create function hostwire.attempt() returns integer language sql as ''select 1''', false), ('drop schema hostwire cascade', false),
            ('create schema attempt', false), ('create role attempt', false), ('set role pg_read_all_data', false)) t (statement, may)
        """;

    private static async Task<string> TryAsync(NpgsqlConnection connection, string statement)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(Cancellation);
#pragma warning disable CA2100 // Made from the catalogue, in a database of the test's own.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        try
        {
            await command.ExecuteNonQueryAsync(Cancellation);
            return "";
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }

    private static async Task<string> ReadAsync(TestDatabase database, string sql)
    {
        string roles = Roles.Replace("{0}", database.Roles.Maintenance, StringComparison.Ordinal)
            .Replace("{1}", database.Roles.Reader, StringComparison.Ordinal)
            .Replace("{2}", database.Roles.Sink, StringComparison.Ordinal);
        var lines = new List<string>();
        await using NpgsqlCommand command = database.DataSource.CreateCommand(sql.Replace("ROLES", roles, StringComparison.Ordinal));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
