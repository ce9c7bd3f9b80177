using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Runs <c>hostwire.maintain()</c>: partitions ahead, retention, caps of the side tables.</summary>
internal static partial class Maintenance
{
    /// <summary>Runs it once and logs what it did; several sinks may try at a time, one of them does it.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select task, object, outcome from hostwire.maintain()", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            LogDone(logger, reader.GetString(0), reader.GetString(1), reader.GetString(2));
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Maintenance: {Task} {Object}: {Outcome}")]
    private static partial void LogDone(ILogger logger, string task, string @object, string outcome);
}
