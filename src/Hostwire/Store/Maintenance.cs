using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Runs <c>hostwire.maintain()</c>: partitions ahead, retention, caps of the side tables.</summary>
internal static partial class Maintenance
{
    /// <summary>Runs it once, logs and returns what it did; several sinks may try at a time, one of them does it.</summary>
    public static async Task<IReadOnlyList<MaintenanceStep>> RunAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        var steps = new List<MaintenanceStep>();
        await using var command = new NpgsqlCommand("select task, object, outcome from hostwire.maintain()", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var step = new MaintenanceStep(reader.GetString(0), reader.GetString(1), reader.GetString(2));
            steps.Add(step);
            if (step.IsSkipped)
            {
                LogSkipped(logger, step.Task, step.Object, step.Outcome);
            }
            else
            {
                LogDone(logger, step.Task, step.Object, step.Outcome);
            }
        }

        return steps;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Maintenance: {Task} {Object}: {Outcome}")]
    private static partial void LogDone(ILogger logger, string task, string @object, string outcome);

    // Not a warning: the next call in an hour does it, and that another session is at it is the rule where there are several sinks.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Maintenance: {Task} {Object}: {Outcome}")]
    private static partial void LogSkipped(ILogger logger, string task, string @object, string outcome);
}
