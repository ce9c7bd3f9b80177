using System.Data;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Runs <c>hostwire.maintain()</c>: partitions ahead, retention, caps of the side tables; <c>hostwire.analyze_frames()</c>, for the planner; and <c>hostwire.remove_unused()</c>, for the dictionary.</summary>
internal static partial class Maintenance
{
    // What refers to others goes before them.
    private static readonly string[] Kinds = ["layout", "host", "series", "metric"];

    // After a flood of what is not kept there may be millions of rows to delete, in one statement.
    private const int SecondsMax = 300;

    // Looking for unused rows of one kind, which grows with the table: a dictionary for which this is too short is better left than waited for.
    private const int SecondsOfKindMax = 60;

    // The sink that does it stores nothing meanwhile. 2,000 layouts a call are 480,000 a day, more than a host makes that has 50 new processes with every scrape.
    private const int CallsMax = 10;

    /// <summary>Runs it once, logs and returns what it did; several sinks may try at a time, one of them does it.</summary>
    public static async Task<IReadOnlyList<MaintenanceStep>> RunAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        var steps = new List<MaintenanceStep>();
        await using (var command = new NpgsqlCommand("select task, object, outcome from hostwire.maintain()", connection) { CommandTimeout = SecondsMax })
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                steps.Add(new MaintenanceStep(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        if (await AnalyzeFramesAsync(connection, cancellationToken) is { } analyze)
        {
            steps.Add(analyze);
        }

        foreach (string kind in Kinds)
        {
            steps.AddRange(await RemoveUnusedAsync(connection, kind, cancellationToken));
        }

        foreach (MaintenanceStep step in steps)
        {
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

    private static async Task<MaintenanceStep?> AnalyzeFramesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("select hostwire.analyze_frames()", connection) { CommandTimeout = SecondsMax };
            return await command.ExecuteScalarAsync(cancellationToken) is true ? new("analyze", "frame", "done") : null;
        }
        catch (PostgresException locked) when (locked.SqlState is PostgresErrorCodes.LockNotAvailable)
        {
            return new("analyze", "frame", "skipped: frame is locked; tried again next time");
        }
    }

    /// <summary>Marks and removes rows of one kind, some in each transaction, so that sinks need not wait for all of them.</summary>
    private static async Task<IEnumerable<MaintenanceStep>> RemoveUnusedAsync(NpgsqlConnection connection, string kind, CancellationToken cancellationToken)
    {
        long marked = 0;
        long removed = 0;
        string? skipped = null;
        bool isPartial = true;
        for (int call = 0; call < CallsMax && isPartial && skipped is null; call++)
        {
            try
            {
                // At the isolation level that the function asks for, whatever the role's default.
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
                await using var command = new NpgsqlCommand("select marked, removed, is_partial from hostwire.remove_unused($1)", connection, transaction) { Parameters = { new() { Value = kind } }, CommandTimeout = SecondsOfKindMax };
                await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken))
                {
                    await reader.ReadAsync(cancellationToken);
                    marked += reader.GetInt64(0);
                    removed += reader.GetInt64(1);
                    isPartial = reader.GetBoolean(2);
                }

                await transaction.CommitAsync(cancellationToken);
            }
            catch (PostgresException locked) when (locked.SqlState is PostgresErrorCodes.LockNotAvailable)
            {
                skipped = "skipped: sinks or another session are at work; tried again next time";
            }
            catch (NpgsqlException slow) when (slow.InnerException is TimeoutException && connection.State is ConnectionState.Open)
            {
                skipped = string.Create(CultureInfo.InvariantCulture, $"given up after {SecondsOfKindMax} s; tried again next time");
            }
        }

        string rest = isPartial && skipped is null ? "; the rest next time" : "";
        return
        [
            .. marked > 0 ? [new("mark unused", kind, string.Create(CultureInfo.InvariantCulture, $"done: {marked} rows{rest}"))] : Array.Empty<MaintenanceStep>(),
            .. removed > 0 ? [new("remove unused", kind, string.Create(CultureInfo.InvariantCulture, $"done: {removed} rows{rest}"))] : Array.Empty<MaintenanceStep>(),
            .. skipped is not null ? [new("remove unused", kind, skipped)] : Array.Empty<MaintenanceStep>(),
        ];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Maintenance: {Task} {Object}: {Outcome}")]
    private static partial void LogDone(ILogger logger, string task, string @object, string outcome);

    // Not a warning: the next call in an hour does it, and that another session is at it is the rule where there are several sinks.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Maintenance: {Task} {Object}: {Outcome}")]
    private static partial void LogSkipped(ILogger logger, string task, string @object, string outcome);
}
