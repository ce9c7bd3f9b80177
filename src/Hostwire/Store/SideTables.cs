using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Writes frames that are not stored as such: conflicts, quarantine. Always in the transaction that moves the offset.</summary>
internal static class SideTables
{
    /// <summary>Adds a conflict; digests are SHA-256 of the values as PostgreSQL sends them.</summary>
    public static async Task WriteConflictAsync(
        NpgsqlConnection connection, Frame frame, RawRecord record, byte[]? stored, byte[] received, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into hostwire.conflict (host_id, layout_id, time, stored_digest, received_digest, topic, partition, record_offset) values ($1, $2, $3, $4, $5, $6, $7, $8)", connection)
        {
            Parameters =
            {
                new() { Value = frame.Host.Id },
                new() { Value = frame.Layout.Id },
                new() { Value = Time(frame) },
                new NpgsqlParameter<byte[]?> { TypedValue = stored },
                new() { Value = received },
                new() { Value = record.Claim.Partition.Topic },
                new() { Value = record.Claim.Partition.Partition.Value },
                new() { Value = record.Offset },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds a frame to the quarantine; 1, or 0 where it is there already.</summary>
    public static async Task<int> WriteQuarantineAsync(
        NpgsqlConnection connection, Frame frame, double?[] values, RawRecord record, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into hostwire.quarantine (time, host_id, layout_id, values, reason, topic, partition, record_offset) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing", connection)
        {
            Parameters =
            {
                new() { Value = Time(frame) },
                new() { Value = frame.Host.Id },
                new() { Value = frame.Layout.Id },
                new NpgsqlParameter<double?[]> { TypedValue = values },
                new() { Value = "The time lies outside what is kept." },
                new() { Value = record.Claim.Partition.Topic },
                new() { Value = record.Claim.Partition.Partition.Value },
                new() { Value = record.Offset },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DateTime Time(Frame frame) => DateTime.UnixEpoch.AddMicroseconds(frame.TimeMicros);
}
