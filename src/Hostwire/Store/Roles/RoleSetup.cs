using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hostwire.Diagnostics;
using Npgsql;

namespace Hostwire.Store.Roles;

/// <summary>Makes the roles, brings the schema up to date as its owner and hands out the rights: all of it in one transaction, or nothing.</summary>
internal static class RoleSetup
{
    private const string Lock = "select pg_advisory_xact_lock(hashtext('hostwire'), hashtext('migrate'));\n";

    /// <summary>Does it; what is there already stays as it is.</summary>
    /// <param name="database">A login that may make roles, and that owns the schema where there is one: a superuser, or Aiven's <c>avnadmin</c>.</param>
    /// <param name="names">The roles.</param>
    /// <param name="passwords">Passwords to be set, by role; the server gets their SCRAM verifiers only.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <exception cref="UserException">This login may not, or one of the names belongs to somebody else.</exception>
    public static async Task<RoleReport> ApplyAsync(
        NpgsqlDataSource database, RoleNames names, IReadOnlyDictionary<string, string> passwords, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        Migrator.RefuseOldServer(connection);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Lock, cancellationToken);
        RoleState state = await RoleState.ReadAsync(connection, names, cancellationToken);
        state.Require(names);
        try
        {
            await ExecuteAsync(connection, Before(names, state), cancellationToken);
        }
        catch (PostgresException busy) when (busy.SqlState is PostgresErrorCodes.LockNotAvailable)
        {
            throw new UserException("A table of the schema hostwire is in use and cannot be handed over to its owner: stop sinks and long queries, then run this again.", busy);
        }

        IReadOnlyList<Migration> known = MigrationCatalogue.Load();
        IReadOnlyList<Migration> pending = await Migrator.PendingAsync(connection, known, cancellationToken);
        foreach (Migration migration in pending)
        {
            await ExecuteAsync(connection, migration.Script, cancellationToken);
        }

        await ExecuteAsync(connection, After(names, state), cancellationToken);
        foreach ((string role, string password) in passwords)
        {
            await ExecuteAsync(connection, $"alter role {role} password '{ScramVerifier.Make(password)}'", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return new RoleReport(state.Existing, known.Count - pending.Count, known.Count);
    }

    /// <summary>What <see cref="ApplyAsync"/> would run, as a script for psql; passwords are not in it.</summary>
    public static async Task<string> ScriptAsync(NpgsqlDataSource database, RoleNames names, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        RoleState state = await RoleState.ReadAsync(connection, names, cancellationToken);
        var script = new StringBuilder("begin;\n").Append(Lock).AppendLine(Before(names, state));
        foreach (Migration migration in await Migrator.PendingAsync(database, cancellationToken))
        {
            script.Append("-- ").Append(migration).AppendLine(".sql").AppendLine(migration.Script);
        }

        return script.Append(After(names, state)).AppendLine("commit;").ToString();
    }

    private static string Before(RoleNames names, RoleState state) => names.Name(string.Join('\n',
        Rights.Resource("MakeRoles"),
        // Only a member can give the schema to its owner, and act for it. Whoever may make roles can put itself there, so this opens nothing.
        state.ActsForOwner ? "" : "grant hostwire_owner to current_user;\n",
        Rights.Resource("OwnSchema"),
        "-- From here on as the owner, so that everything belongs to it.\nset local role hostwire_owner;\nset local search_path = pg_catalog, pg_temp;\n"));

    private static string After(RoleNames names, RoleState state) => string.Join('\n',
        Rights.Remember(names),
        Rights.Sql(names),
        "reset role;",
        state.ActsForOwner ? "" : names.Name("revoke hostwire_owner from current_user;\n"));

    [SuppressMessage("Security", "CA2100", Justification = "Only SQL of this program gets here; the names in it are checked to be plain.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
