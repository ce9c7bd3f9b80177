using System.CommandLine;
using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire db migrate</c>: brings the schema up to date, or shows what that would run.</summary>
internal static class DbMigrateCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only print the SQL that is still to be run, as a script for psql; change nothing.",
    };

    /// <summary>Makes the verb.</summary>
    public static Command Create() => DbCommand.Attach(
        new Command("migrate", "Brings the schema hostwire up to date. Sinks do this by themselves when they start, unless sink.migrate is false.") { DryRun }, RunAsync);

    private static Task RunAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        verb.Arguments.GetValue(DryRun) ? ShowAsync(verb, database, cancellationToken) : MigrateAsync(verb, database, cancellationToken);

    private static async Task ShowAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        IReadOnlyList<Migration> pending = await Migrator.PendingAsync(database, cancellationToken);
        await verb.Output.WriteAsync((await Migrator.ScriptAsync(database, pending, cancellationToken)).AsMemory(), cancellationToken);
        string address = PostgresDataSource.Address(verb.Options.Postgres);
        await verb.Error.WriteLineAsync(pending.Count > 0
            ? $"{address}: {pending.Count} migrations to be applied ({pending[0]} to {pending[^1]}). Nothing was changed."
            : $"{address}: the schema is up to date. Nothing was changed.");
    }

    private static async Task MigrateAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        MigrationReport report = await Migrator.MigrateAsync(database, verb.Loggers.CreateLogger(typeof(Migrator).FullName!), cancellationToken);
        string address = PostgresDataSource.Address(verb.Options.Postgres);
        await verb.Output.WriteLineAsync(report.From == report.To
            ? $"{address}: the schema is up to date (version {report.To})."
            : $"{address}: the schema went from version {report.From} to {report.To}.");
    }
}
