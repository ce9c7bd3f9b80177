using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.IntegrationTests.Store;

public sealed class MigratorTests(PostgresServer server)
{
    private static readonly IReadOnlyList<Migration> Known = MigrationCatalogue.Load();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_run_finds_nothing_to_do()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        MigrationReport first = await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        Assert.Equal((0, Known.Count, Known.Count), (first.From, first.To, first.Applied.Count));
        MigrationReport second = await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        Assert.Equal((Known.Count, Known.Count, 0), (second.From, second.To, second.Applied.Count));
        await Migrator.RequireCurrentAsync(database.DataSource, Cancellation);
    }

    [Fact]
    public async Task Ten_programs_that_start_at_once_on_an_empty_database_apply_each_migration_once()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await using NpgsqlDataSource ten = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 10 });
        MigrationReport[] reports = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => Task.Run(() => Migrator.MigrateAsync(ten, NullLogger.Instance, Cancellation), Cancellation)));
        Assert.Equal(Known.Select(migration => migration.Version), reports.SelectMany(report => report.Applied).Select(migration => migration.Version).Order());
        Assert.All(reports, report => Assert.Equal(Known.Count, report.To));
    }

    [Fact]
    public async Task What_would_run_is_shown_without_changing_anything_and_does_run_in_psql()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        IReadOnlyList<Migration> pending = await Migrator.PendingAsync(database.DataSource, Cancellation);
        Assert.Equal(Known.Count, pending.Count);
        Assert.Null(await database.ScalarAsync<string>("select to_regnamespace('hostwire')::text", Cancellation));

        string script = await Migrator.ScriptAsync(database.DataSource, pending, Cancellation);
        Assert.StartsWith(Migrator.StopAtErrors, script, StringComparison.Ordinal);
        await database.ExecuteAsync(script[Migrator.StopAtErrors.Length..], Cancellation);
        Assert.Empty(await Migrator.PendingAsync(database.DataSource, Cancellation));
    }

    [Fact]
    public async Task A_schema_that_is_behind_is_refused_where_it_may_not_be_changed()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.RequireCurrentAsync(database.DataSource, Cancellation));
        Assert.Contains($"is at version 0 and this program needs {Known.Count}: run \"hostwire db migrate\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_in_which_a_migration_was_left_out_is_refused()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        await database.ExecuteAsync("delete from hostwire.migration where version = 9", Cancellation);
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation));
        Assert.Contains($"lacks migration 9 ({Known[8].Name}), although later ones were applied", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        Migration future = new(Known.Count + 1, "future", "create table hostwire.future (i integer);");
        await Migrator.MigrateAsync(database.DataSource, [.. Known, future], NullLogger.Instance, Cancellation);
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation));
        Assert.Contains($"is newer (migration {future.Version}, future) than this program knows (up to {Known.Count})", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_made_from_other_sql_is_refused()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        Migration[] edited = [new(1, Known[0].Name, Known[0].Sql + " "), .. Known.Skip(1)];
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(database.DataSource, edited, NullLogger.Instance, Cancellation));
        Assert.Contains("Migration 1 (tables) was applied", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_no_trace_and_those_before_it_stay()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        Migration broken = new(Known.Count + 1, "broken", "create table hostwire.half (i integer); select 1 / 0;");
        await Assert.ThrowsAsync<PostgresException>(() => Migrator.MigrateAsync(database.DataSource, [.. Known, broken], NullLogger.Instance, Cancellation));
        Assert.Null(await database.ScalarAsync<string>("select to_regclass('hostwire.half')::text", Cancellation));
        await Migrator.RequireCurrentAsync(database.DataSource, Cancellation);
    }

    [Fact]
    public async Task A_role_that_may_not_create_the_schema_is_told_the_grant()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        string role = $"{database.Name}_nobody";
        await database.CreateRoleAsync(role, Cancellation);
        await using NpgsqlDataSource nobody = ConnectAs(database, role);
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(nobody, NullLogger.Instance, Cancellation));
        Assert.Contains($"\"grant create on database {database.Name} to {role}\"", refused.Message, StringComparison.Ordinal);

        await database.ExecuteAsync($"grant create on database {database.Name} to {role}", Cancellation);
        await Migrator.MigrateAsync(nobody, NullLogger.Instance, Cancellation);
        await DropRoleAsync(database, role);
    }

    [Fact]
    public async Task A_schema_an_administrator_made_for_the_role_is_enough()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        string role = $"{database.Name}_owner";
        await database.CreateRoleAsync(role, Cancellation);
        await database.ExecuteAsync($"create schema hostwire authorization {role}", Cancellation);
        await using NpgsqlDataSource owner = ConnectAs(database, role);
        Assert.Equal(Known.Count, (await Migrator.MigrateAsync(owner, NullLogger.Instance, Cancellation)).Applied.Count);
        await DropRoleAsync(database, role);
    }

    [Fact]
    public async Task A_role_that_may_not_even_look_is_told_whose_schema_it_is()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        await Migrator.MigrateAsync(database.DataSource, NullLogger.Instance, Cancellation);
        string role = $"{database.Name}_stranger";
        await database.CreateRoleAsync(role, Cancellation);
        await using NpgsqlDataSource stranger = ConnectAs(database, role);
        var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.RequireCurrentAsync(stranger, Cancellation));
        Assert.Contains($"The role \"{role}\" may not do this in the schema hostwire", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"as the schema's owner, \"{server.User}\"", refused.Message, StringComparison.Ordinal);
        await DropRoleAsync(database, role);
    }

    [Fact]
    public async Task A_database_in_another_encoding_is_refused()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        string other = $"{database.Name}_latin1";
        await database.ExecuteAsync($"create database {other} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'", Cancellation);
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = other, Pooling = false }))
        {
            var refused = await Assert.ThrowsAsync<UserException>(() => Migrator.MigrateAsync(source, NullLogger.Instance, Cancellation));
            Assert.Contains("has the encoding LATIN1", refused.Message, StringComparison.Ordinal);
        }

        await database.ExecuteAsync($"drop database {other}", Cancellation);
    }

    private static NpgsqlDataSource ConnectAs(TestDatabase database, string role) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = role, Pooling = false });

    private static Task DropRoleAsync(TestDatabase database, string role) => database.ExecuteAsync($"drop owned by {role} cascade; drop role {role}", Cancellation);
}
