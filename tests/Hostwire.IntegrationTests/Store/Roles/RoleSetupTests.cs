using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Hostwire.Store.Roles;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store.Roles;

/// <summary>How the roles come to be, in databases that are found in all sorts of states.</summary>
public sealed class RoleSetupTests(PostgresServer server) : IAsyncLifetime
{
    private const string Owners = """
        select string_agg(distinct pg_get_userbyid(owner), ' ') from (
          select nspowner from pg_namespace where nspname = 'hostwire'
          union all select relowner from pg_class where relnamespace = 'hostwire'::regnamespace
          union all select proowner from pg_proc where pronamespace = 'hostwire'::regnamespace) o (owner)
        """;

    private static readonly IReadOnlyList<Migration> Known = MigrationCatalogue.Load();

    private static readonly IReadOnlyDictionary<string, string> NoPasswords = new Dictionary<string, string>(StringComparer.Ordinal);

    private readonly string _admin = $"admin_{Guid.NewGuid():n}";
    private readonly RoleNames _names = RoleNames.TryMake($"setup_{Guid.NewGuid():n}", out RoleNames? names) ? names : throw new InvalidOperationException();
    private TestDatabase? _database;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestDatabase Database => _database!;

    [Fact]
    public async Task An_administrator_who_is_no_superuser_makes_them_again_and_again_and_keeps_no_right()
    {
        await using NpgsqlDataSource admin = await AdminAsync();
        RoleReport first = await RoleSetup.ApplyAsync(admin, _names, NoPasswords, Cancellation);
        Assert.Equal((0, 0, Known.Count), (first.Existed.Count, first.FromVersion, first.ToVersion));
        Assert.Equal(_names.Owner, await Database.AdminScalarAsync<string>(Owners, Cancellation));
        Assert.False(await Database.AdminScalarAsync<bool>($"select pg_has_role('{_admin}', '{_names.Owner}', 'member')", Cancellation));

        RoleReport second = await RoleSetup.ApplyAsync(admin, _names, _names.All.ToDictionary(name => name, _ => "pass word", StringComparer.Ordinal), Cancellation);
        Assert.Equal((4, Known.Count, Known.Count), (second.Existed.Count, second.FromVersion, second.ToVersion));
        Assert.False(await Database.AdminScalarAsync<bool>($"select pg_has_role('{_admin}', '{_names.Owner}', 'member')", Cancellation));
        // The verifier that was made here is one that the server lets in with.
        await using NpgsqlDataSource sink = ConnectAs(_names.Sink, "pass word");
        Assert.Empty((await Migrator.MigrateAsync(sink, NullLogger.Instance, Cancellation)).Applied);
    }

    [Fact]
    public async Task A_schema_that_an_administrators_sink_has_made_is_handed_over_with_everything_in_it()
    {
        await using NpgsqlDataSource admin = await AdminAsync();
        await Migrator.MigrateAsync(admin, NullLogger.Instance, Cancellation);
        await TestDatabase.ScalarAsync<long>(admin, "select count(*) from hostwire.maintain()", Cancellation);
        Assert.Equal(_admin, await Database.AdminScalarAsync<string>(Owners, Cancellation));
        await RoleSetup.ApplyAsync(admin, _names, NoPasswords, Cancellation);
        Assert.Equal(_names.Owner, await Database.AdminScalarAsync<string>(Owners, Cancellation));
    }

    [Fact]
    public async Task A_table_in_use_is_told_and_nothing_is_half_done()
    {
        await using NpgsqlDataSource admin = await AdminAsync();
        await Migrator.MigrateAsync(admin, NullLogger.Instance, Cancellation);
        await using NpgsqlConnection reader = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync(Cancellation);
        await using (var read = new NpgsqlCommand("select count(*) from hostwire.frame", reader))
        {
            await read.ExecuteScalarAsync(Cancellation);
        }

        var busy = await Assert.ThrowsAsync<UserException>(() => RoleSetup.ApplyAsync(admin, _names, NoPasswords, Cancellation));
        Assert.Contains("stop sinks and long queries", busy.Message, StringComparison.Ordinal);
        Assert.Equal(_admin, await Database.AdminScalarAsync<string>(Owners, Cancellation));
        Assert.Equal(0L, await Database.AdminScalarAsync<long>($"select count(*) from pg_roles where rolname = '{_names.Sink}'", Cancellation));
    }

    [Fact]
    public async Task The_script_does_the_same_and_can_be_run_twice()
    {
        string script = await RoleSetup.ScriptAsync(Database.DataSource, _names, Cancellation);
        Assert.Null(await Database.AdminScalarAsync<string>("select to_regnamespace('hostwire')::text", Cancellation));
        await Database.ExecuteAsync(script, Cancellation);
        Assert.Equal(_names.Owner, await Database.AdminScalarAsync<string>(Owners, Cancellation));
        await Database.ExecuteAsync(await RoleSetup.ScriptAsync(Database.DataSource, _names, Cancellation), Cancellation);
        Assert.Equal((4, Known.Count, Known.Count), await RoleSetup.ApplyAsync(Database.DataSource, _names, NoPasswords, Cancellation) is var report ? (report.Existed.Count, report.FromVersion, report.ToVersion) : default);
    }

    [Fact]
    public async Task Somebody_who_may_not_make_roles_is_told_who_may()
    {
        await Database.ExecuteAsync($"create role {_admin} login password 'secret'", Cancellation);
        await using NpgsqlDataSource nobody = ConnectAs(_admin, "secret");
        var refused = await Assert.ThrowsAsync<UserException>(() => RoleSetup.ApplyAsync(nobody, _names, NoPasswords, Cancellation));
        Assert.Contains($"The role \"{_admin}\" may not make roles, and \"{_names.Owner}\" is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_belongs_to_somebody_mighty_is_refused()
    {
        await Database.ExecuteAsync($"create role {_names.Sink} login createdb", Cancellation);
        var refused = await Assert.ThrowsAsync<UserException>(() => RoleSetup.ApplyAsync(Database.DataSource, _names, NoPasswords, Cancellation));
        Assert.Contains($"The role \"{_names.Sink}\" is there already", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--prefix", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_later_migration_makes_belongs_to_the_owner_and_has_its_rights_at_once(bool bySuperuser)
    {
        await RoleSetup.ApplyAsync(Database.DataSource, _names, _names.All.ToDictionary(name => name, _ => "secret", StringComparer.Ordinal), Cancellation);
        var later = new Migration(Known.Count + 1, "later", """
            create table hostwire.later (id integer);
            create view hostwire.later_view as select * from hostwire.later;
            create function hostwire.later_is(integer) returns boolean language sql immutable as 'select $1 > 0';
            create function hostwire.later_change() returns void language sql security definer as 'delete from hostwire.later';
            """);
        await using NpgsqlDataSource owner = ConnectAs(_names.Owner, "secret");
        await Migrator.MigrateAsync(bySuperuser ? Database.DataSource : owner, [.. Known, later], NullLogger.Instance, Cancellation);
        Assert.Equal(_names.Owner, await Database.AdminScalarAsync<string>(Owners, Cancellation));
        Assert.Equal("true false true false", await Database.AdminScalarAsync<string>($"""
            select format('%s %s %s %s', has_table_privilege('{_names.Reader}', 'hostwire.later_view', 'select')::text, has_table_privilege('{_names.Reader}', 'hostwire.later', 'select')::text,
              has_function_privilege('{_names.Reader}', 'hostwire.later_is(integer)', 'execute')::text, has_function_privilege('public', 'hostwire.later_change()', 'execute')::text)
            """, Cancellation));
    }

    [Fact]
    public async Task A_sink_that_may_not_migrate_says_who_does()
    {
        await RoleSetup.ApplyAsync(Database.DataSource, _names, _names.All.ToDictionary(name => name, _ => "secret", StringComparer.Ordinal), Cancellation);
        var later = new Migration(Known.Count + 1, "later", "create table hostwire.later (id integer);");
        await using NpgsqlDataSource sink = ConnectAs(_names.Sink, "secret");
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(sink, [.. Known, later], NullLogger.Instance, Cancellation));
        Assert.Contains($"The role \"{_names.Sink}\" may not do this in the schema hostwire", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"run \"hostwire db migrate\" as the schema's owner, \"{_names.Owner}\"; \"hostwire db roles\" makes roles", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_lets_nobody_in_lets_the_roles_in()
    {
        await Database.ExecuteAsync($"revoke all on database {Database.Name} from public", Cancellation);
        await RoleSetup.ApplyAsync(Database.DataSource, _names, NoPasswords, Cancellation);
        Assert.Equal("true true true true true true false", await Database.AdminScalarAsync<string>($"""
            select string_agg(has_database_privilege(role, current_database(), 'connect')::text, ' ')
              || ' ' || has_database_privilege('{_names.Sink}', current_database(), 'temporary')::text || ' ' || has_database_privilege('{_names.Maintenance}', current_database(), 'temporary')::text
              || ' ' || has_database_privilege('{_names.Reader}', current_database(), 'temporary')::text
            from unnest('{"{"}{string.Join(',', _names.All)}{"}"}'::text[]) role
            """, Cancellation));
    }

    public async ValueTask InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (string role in _names.All.Append(_admin))
        {
            await Database.ExecuteAsync($"do $$ begin if exists (select from pg_roles where rolname = '{role}') then drop owned by {role} cascade; end if; end $$", CancellationToken.None);
        }

        await Database.DisposeAsync();
        await using TestDatabase other = await server.CreateEmptyDatabaseAsync(CancellationToken.None);
        await other.ExecuteAsync($"drop role if exists {string.Join(", ", _names.All.Append(_admin))}", CancellationToken.None);
    }

    private async Task<NpgsqlDataSource> AdminAsync()
    {
        await Database.ExecuteAsync($"create role {_admin} login createrole password 'secret'; alter database {Database.Name} owner to {_admin}", Cancellation);
        return ConnectAs(_admin, "secret");
    }

    private NpgsqlDataSource ConnectAs(string role, string password) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Username = role, Password = password, Pooling = false });
}
