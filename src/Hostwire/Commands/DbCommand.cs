using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire db</c>: looks after the schema in PostgreSQL.</summary>
public static class DbCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => new("db", "Looks after the schema in PostgreSQL.")
    {
        DbMigrateCommand.Create(),
        DbRolesCommand.Create(),
        DbMaintainCommand.Create(),
    };

    /// <summary>A verb below <c>db</c>: it is given a database, and what PostgreSQL refuses becomes a sentence.</summary>
    internal static Command Attach(Command command, Func<VerbContext, NpgsqlDataSource, CancellationToken, Task> run) => VerbFrame.Attach(
        command,
        uses: SettingSections.Postgres,
        requires: SettingSections.Postgres,
        async (verb, stopping) =>
        {
            await using NpgsqlDataSource database = PostgresDataSource.Create(verb.Options.Postgres);
            try
            {
                await run(verb, database, stopping);
            }
            catch (Exception error) when (PostgresTrouble.IsRetryable(error))
            {
                throw new UserException((await PostgresTrouble.FindAsync(error, verb.Options.Postgres, stopping)).Sentence, error);
            }

            return ExitCode.Success;
        });
}
