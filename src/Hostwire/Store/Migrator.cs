using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hostwire.Diagnostics;
using Hostwire.Store.Roles;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Brings the schema <c>hostwire</c> up to date, however many programs try at once.</summary>
/// <remarks>
/// Each migration runs in one transaction that begins by taking a lock of its own kind, so that it also works through PgBouncer in
/// transaction mode; whoever had to wait for the lock looks again at what is still to do.
/// </remarks>
public static partial class Migrator
{
    /// <summary>The first line of a script, which psql obeys: a migration that fails is followed by no other.</summary>
    public const string StopAtErrors = @"\set ON_ERROR_STOP on";

    private const string Lock = "pg_advisory_xact_lock(hashtext('hostwire'), hashtext('migrate'))";
    private const string TryLock = "pg_try_advisory_xact_lock(hashtext('hostwire'), hashtext('migrate'))";

    /// <summary>Applies every migration that is missing.</summary>
    /// <exception cref="UserException">The role may not, the schema is newer than this program, or it was made from other SQL.</exception>
    public static Task<MigrationReport> MigrateAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken) =>
        MigrateAsync(database, MigrationCatalogue.Load(), logger, cancellationToken);

    /// <summary>The migrations that are missing, in order; changes nothing.</summary>
    /// <exception cref="UserException">The schema is newer than this program, was made from other SQL, or may not be read.</exception>
    public static Task<IReadOnlyList<Migration>> PendingAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        PendingAsync(database, MigrationCatalogue.Load(), cancellationToken);

    /// <summary>Returns where the schema is up to date; needs no right but to read <c>hostwire.migration</c>.</summary>
    /// <exception cref="UserException">It is not.</exception>
    public static async Task RequireCurrentAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        IReadOnlyList<Migration> pending = await PendingAsync(database, cancellationToken);
        if (pending.Count > 0)
        {
            await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
            throw new UserException(
                $"The schema hostwire in {Address(connection)} is at version {pending[0].Version - 1} and this program needs {pending[^1].Version}: run \"hostwire db migrate\".");
        }
    }

    /// <summary>What <see cref="MigrateAsync(NpgsqlDataSource, ILogger, CancellationToken)"/> would run, as a script for psql; empty where nothing is pending.</summary>
    public static async Task<string> ScriptAsync(NpgsqlDataSource database, IReadOnlyList<Migration> pending, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        var script = new StringBuilder();
        if (pending.Count > 0)
        {
            script.AppendLine(StopAtErrors).AppendLine();
        }

        foreach (Migration migration in pending)
        {
            script.Append("-- ").Append(migration).AppendLine(".sql");
            script.AppendLine("begin;").Append("select ").Append(Lock).AppendLine(";").Append(await BecomeOwnerAsync(connection, cancellationToken));
            script.AppendLine(migration.Script);
            if (migration == pending[^1] && await Rights.RolesAsync(connection, cancellationToken) is { } roles)
            {
                script.AppendLine(Rights.Sql(roles));
            }

            script.AppendLine("commit;").AppendLine();
        }

        return script.ToString();
    }

    internal static async Task<IReadOnlyList<Migration>> PendingAsync(
        NpgsqlDataSource database, IReadOnlyList<Migration> known, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        RefuseOldServer(connection);
        try
        {
            return await PendingAsync(connection, known, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw await MissingRight.ExplainAsync(connection, exception, cancellationToken);
        }
    }

    internal static async Task<MigrationReport> MigrateAsync(
        NpgsqlDataSource database, IReadOnlyList<Migration> known, ILogger logger, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        RefuseOldServer(connection);
        try
        {
            IReadOnlyList<Migration> pending = await PendingAsync(connection, known, cancellationToken);
            int from = known.Count - pending.Count;
            var applied = new List<Migration>();
            while (pending.Count > 0)
            {
                if (await ApplyNextAsync(connection, known, logger, cancellationToken) is Migration migration)
                {
                    applied.Add(migration);
                }

                pending = await PendingAsync(connection, known, cancellationToken);
            }

            return new MigrationReport(from, known.Count, applied);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw await MissingRight.ExplainAsync(connection, exception, cancellationToken);
        }
    }

    /// <summary>Applies the first migration that is missing once the lock is ours; null where somebody else has applied the last one meanwhile.</summary>
    private static async Task<Migration?> ApplyNextAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> known, ILogger logger, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!(bool)(await ScalarAsync(connection, $"select {TryLock}", cancellationToken))!)
        {
            LogWaiting(logger);
            await ExecuteAsync(connection, $"select {Lock}", cancellationToken);
        }

        // Read committed: this statement sees what whoever held the lock before us has committed.
        IReadOnlyList<Migration> pending = await PendingAsync(connection, known, cancellationToken);
        if (pending.Count == 0)
        {
            return null;
        }

        Migration next = pending[0];
        await ExecuteAsync(connection, await BecomeOwnerAsync(connection, cancellationToken), cancellationToken);
        await ExecuteAsync(connection, next.Script, cancellationToken);
        if (pending.Count == 1 && await Rights.RolesAsync(connection, cancellationToken) is { } roles)
        {
            // What the migrations have made is of use to sinks and readers only from here on, so it comes in the same transaction.
            await ExecuteAsync(connection, Rights.Sql(roles), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        LogApplied(logger, next);
        return next;
    }

    /// <summary>
    /// For the rest of the transaction: names mean what they mean in the catalogue, and what is made belongs to the schema's owner, where this login may
    /// act for it. A function that an administrator made by mistake would run with his rights.
    /// </summary>
    private static async Task<string> BecomeOwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string owner = """
            select quote_ident(pg_get_userbyid(nspowner)) from pg_namespace
            where nspname = 'hostwire' and pg_get_userbyid(nspowner) <> current_user and pg_has_role(current_user, nspowner, 'member')
            """;
        return "set local search_path = pg_catalog, pg_temp;\n" + (await ScalarAsync(connection, owner, cancellationToken) is string name ? $"set local role {name};\n" : "");
    }

    internal static async Task<IReadOnlyList<Migration>> PendingAsync(NpgsqlConnection connection, IReadOnlyList<Migration> known, CancellationToken cancellationToken)
    {
        // Not to_regclass: within a transaction it may answer from a cache that does not know what another program has just committed.
        const string exists = "select exists (select from pg_class where relname = 'migration' and relnamespace = (select oid from pg_namespace where nspname = 'hostwire'))";
        if (!(bool)(await ScalarAsync(connection, exists, cancellationToken))!)
        {
            return known;
        }

        int applied = 0;
        await using var command = new NpgsqlCommand("select version, name, sha256 from hostwire.migration order by version", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            int version = reader.GetInt32(0);
            if (version > known.Count)
            {
                throw new UserException(
                    $"The schema hostwire in {Address(connection)} is newer (migration {version}, {reader.GetString(1)}) than this program knows (up to {known.Count}): install the newer hostwire.");
            }

            if (!known[version - 1].Sha256.SequenceEqual(reader.GetFieldValue<byte[]>(2)))
            {
                throw new UserException(
                    $"Migration {version} ({reader.GetString(1)}) was applied to the schema hostwire in {Address(connection)} from other SQL than this program carries: "
                    + "use the hostwire that made this schema, or give this one a database of its own.");
            }

            // A script that went on after an error may have left one out.
            if (version != applied + 1)
            {
                throw new UserException(
                    $"The schema hostwire in {Address(connection)} lacks migration {applied + 1} ({known[applied].Name}), although later ones were applied: restore it from before they were, and run \"hostwire db migrate\".");
            }

            applied = version;
        }

        return [.. known.Skip(applied)];
    }

    internal static void RefuseOldServer(NpgsqlConnection connection)
    {
        const int oldestMajor = 13;
        if (connection.PostgreSqlVersion.Major < oldestMajor)
        {
            throw new UserException($"{Address(connection)} is PostgreSQL {connection.PostgreSqlVersion}: Hostwire needs {oldestMajor} or later.");
        }

        // Names of devices and mount points are whatever their owners chose; another encoding would refuse some of them as bad data.
        if (connection.PostgresParameters.TryGetValue("server_encoding", out string? encoding) && encoding is not "UTF8")
        {
            throw new UserException($"{Address(connection)} has the encoding {encoding}: create a database with encoding 'UTF8' and template template0 for Hostwire.");
        }
    }

    private static string Address(NpgsqlConnection connection) => $"database \"{connection.Database}\" on {connection.Host}:{connection.Port}";

    // A migration takes as long as it takes, and so does waiting for another's: no timeout but the caller's cancellation.
    [SuppressMessage("Security", "CA2100", Justification = "Only SQL of this program gets here.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Only SQL of this program gets here.")]
    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Another program is bringing the schema up to date; waiting for it")]
    private static partial void LogWaiting(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Migration}")]
    private static partial void LogApplied(ILogger logger, Migration migration);
}
