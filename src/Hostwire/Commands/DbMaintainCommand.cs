using System.CommandLine;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire db maintain</c>: what sinks do every hour, by hand.</summary>
internal static class DbMaintainCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => DbCommand.Attach(
        new Command(
            "maintain",
            "Makes the partitions of the next days, drops days older than the retention, trims dead letters, conflicts and quarantine, removes what is unused from the dictionary, and says what it did. Sinks do this every hour."),
        RunAsync);

    private static async Task RunAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await Migrator.RequireCurrentAsync(database, cancellationToken);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        // The lines below say it all; a log of the same would only repeat them.
        IReadOnlyList<MaintenanceStep> steps = await Maintenance.RunAsync(connection, NullLogger.Instance, cancellationToken);
        foreach (MaintenanceStep step in steps)
        {
            await verb.Output.WriteLineAsync($"{step.Task} {step.Object}: {step.Outcome}");
        }

        if (steps.Count == 0)
        {
            await verb.Output.WriteLineAsync("nothing to do");
        }
    }
}
