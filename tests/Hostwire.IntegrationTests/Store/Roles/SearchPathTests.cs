using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Store.Roles;

/// <summary>The functions that run with the owner's rights, called by somebody who puts objects of his own in their way.</summary>
public sealed class SearchPathTests(PostgresServer server)
{
    // Each takes the place of something that the functions use, and would be chosen before it if the path led here. It tells whose rights it was run with.
    private const string Traps = """
        create schema trap;
        create table trap.caught (what text, who text default current_user);
        grant usage on schema trap to public;
        grant insert on trap.caught to public;
        create function trap.format(text, text) returns text language sql as $$ insert into trap.caught values ('format') returning 'select 1' $$;
        create function trap.format(text, text, text) returns text language sql as $$ insert into trap.caught values ('format') returning 'select 1' $$;
        create function trap.format(text, text, text, text) returns text language sql as $$ insert into trap.caught values ('format') returning 'select 1' $$;
        create function trap.to_char(timestamp, text) returns text language sql as $$ insert into trap.caught values ('to_char') returning '19700101' $$;
        create function trap.hashtext(text) returns integer language sql as $$ insert into trap.caught values ('hashtext') returning 1 $$;
        create function trap.now() returns timestamptz language sql as $$ insert into trap.caught values ('now') returning '1970-01-01'::timestamptz $$;
        create function trap.to_jsonb(integer) returns jsonb language sql as $$ insert into trap.caught values ('to_jsonb') returning '1'::jsonb $$;
        create function trap.pg_advisory_xact_lock(integer, integer) returns void language sql as $$ insert into trap.caught values ('lock') $$;
        create function trap.pg_try_advisory_xact_lock(integer, integer) returns boolean language sql as $$ insert into trap.caught values ('lock') returning true $$;
        create function trap.less(date, date) returns boolean language sql as $$ insert into trap.caught values ('<') returning true $$;
        create operator trap.< (leftarg = date, rightarg = date, function = trap.less);
        create function trap.minus(date, integer) returns date language sql as $$ insert into trap.caught values ('-') returning '1970-01-01'::date $$;
        create operator trap.- (leftarg = date, rightarg = integer, function = trap.minus);
        create table trap.pg_class (oid oid, relname name, relnamespace oid, reltuples real);
        create table trap.pg_inherits (inhrelid oid, inhparent oid);
        insert into trap.pg_class select oid, 'frame_19700101', relnamespace, 0 from pg_catalog.pg_class where oid = 'hostwire.host'::regclass;
        insert into trap.pg_inherits select oid, 'hostwire.frame'::regclass from trap.pg_class;
        grant select on trap.pg_class, trap.pg_inherits to public;
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("set search_path = trap, pg_catalog, hostwire")]
    [InlineData("set search_path = pg_temp, trap, pg_catalog; create temporary table pg_class as table trap.pg_class; create temporary table pg_inherits as table trap.pg_inherits; create temporary table setting (name text, value jsonb); create temporary table frame (time timestamptz)")]
    public async Task Nothing_of_the_callers_is_run_with_the_owners_rights(string preparation)
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        await database.ExecuteAsync(Traps, Cancellation);
        await using NpgsqlConnection sink = await database.Sink.OpenConnectionAsync(Cancellation);
        await ExecuteAsync(sink, preparation);
        // The traps work: the caller himself falls into them.
        await ExecuteAsync(sink, "select format('a', 'b'::text), to_jsonb(1), now()");
        Assert.Equal("format,now,to_jsonb", await database.AdminScalarAsync<string>("select string_agg(distinct what, ',' order by what) from trap.caught", Cancellation));

        await ExecuteAsync(sink, "select hostwire.set_retention(7)");
        await ExecuteAsync(sink, "select hostwire.ensure_partition((pg_catalog.now() at time zone 'UTC')::date)");
        await ExecuteAsync(sink, "select * from hostwire.maintain()");
        await ExecuteAsync(sink, "select hostwire.analyze_frames()");
        Assert.Equal(database.Roles.Sink, await database.AdminScalarAsync<string>("select string_agg(distinct who, ',') from trap.caught", Cancellation));
        Assert.Equal("format,now,to_jsonb", await database.AdminScalarAsync<string>("select string_agg(distinct what, ',' order by what) from trap.caught", Cancellation));
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from pg_inherits where inhparent = 'hostwire.frame'::regclass", Cancellation));
        Assert.Equal("7", await database.ScalarAsync<string>("select value::text from hostwire.setting where name = 'retention_days'", Cancellation));
    }

    [Fact]
    public async Task Every_function_that_runs_with_its_owners_rights_fixes_its_path()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from pg_proc where pronamespace = 'hostwire'::regnamespace and prosecdef and not 'search_path=pg_catalog, pg_temp' = any (proconfig)", Cancellation));
    }

    [Fact]
    public async Task Whoever_may_create_in_public_cannot_have_sink_owner_or_maintenance_run_it()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        // Up to PostgreSQL 14 everybody may. An exact match of types is chosen before PostgreSQL's own.
        await database.ExecuteAsync("create function public.cardinality(double precision[]) returns integer language plpgsql as $$ begin raise exception 'trapped %', current_user; end $$", Cancellation);
        foreach (string role in (string[])[database.Roles.Owner, database.Roles.Sink, database.Roles.Maintenance])
        {
            await using NpgsqlDataSource source = database.ConnectAs(role);
            Assert.Equal(2, await TestDatabase.ScalarAsync<int>(source, "select cardinality('{1,2}'::double precision[])", Cancellation));
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The texts are those of the tests above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
