using System.CommandLine;
using System.Globalization;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink offsets show</c>: the stored offsets.</summary>
internal static class SinkOffsetsShowCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => DbCommand.Attach(
        new Command("show", "Shows how far each partition is stored, of all groups and topics of this database, and which sink claimed it last."),
        RunAsync);

    private static async Task RunAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await Migrator.RequireCurrentAsync(database, cancellationToken);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        IReadOnlyList<string[]> rows = await ReadAsync(connection, cancellationToken);
        if (rows.Count == 0)
        {
            verb.Output.WriteLine("No sink has claimed a partition yet.");
            return;
        }

        TextTable.Write(verb.Output, ["GROUP", "TOPIC", "PARTITION", "NEXT OFFSET", "CLAIMED BY", "EPOCH", "MOVED (UTC)"], rows);
    }

    private static async Task<IReadOnlyList<string[]>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select group_id, topic, partition, next_offset, owner, owner_epoch, updated_at from hostwire.kafka_offset order by group_id, topic, partition", connection);
        var rows = new List<string[]>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(
            [
                reader.GetString(0),
                reader.GetString(1),
                reader.GetInt32(2).ToString(CultureInfo.InvariantCulture),
                reader.GetInt64(3).ToString(CultureInfo.InvariantCulture),
                reader.GetString(4),
                reader.GetInt64(5).ToString(CultureInfo.InvariantCulture),
                reader.GetFieldValue<DateTime>(6).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            ]);
        }

        return rows;
    }
}
