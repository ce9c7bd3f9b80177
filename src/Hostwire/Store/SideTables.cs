using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Frames that are not stored as such: conflicts, quarantine. Always in the transaction that moves the offset.</summary>
internal static class SideTables
{
    // One round trip for so many.
    private const int RowsAtATime = 500;

    /// <summary>A row for a conflict; digests are SHA-256 of the values as PostgreSQL sends them.</summary>
    public static NpgsqlBatchCommand Conflict(Frame frame, RawRecord record, byte[]? stored, byte[] received) =>
        new("insert into hostwire.conflict (host_id, layout_id, time, stored_digest, received_digest, topic, partition, record_offset) values ($1, $2, $3, $4, $5, $6, $7, $8)")
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

    /// <summary>A row for a frame in quarantine; none where it is there already.</summary>
    public static NpgsqlBatchCommand Quarantine(Frame frame, double?[] values, RawRecord record) =>
        new("insert into hostwire.quarantine (time, host_id, layout_id, values, reason, topic, partition, record_offset) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing")
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

    /// <summary>A row for a conflict with the frame that is in quarantine already; none where that has the same values, or is this one.</summary>
    public static NpgsqlBatchCommand QuarantineConflict(Frame frame, double?[] values, RawRecord record) =>
        new("""
            insert into hostwire.conflict (host_id, layout_id, time, stored_digest, received_digest, topic, partition, record_offset)
            select q.host_id, q.layout_id, q.time, sha256(array_send(q.values)), sha256(array_send($4)), $5, $6, $7
            from hostwire.quarantine q
            where q.host_id = $1 and q.layout_id = $2 and q.time = $3 and array_send(q.values) <> array_send($4)
            """)
        {
            Parameters =
            {
                new() { Value = frame.Host.Id },
                new() { Value = frame.Layout.Id },
                new() { Value = Time(frame) },
                new NpgsqlParameter<double?[]> { TypedValue = values },
                new() { Value = record.Claim.Partition.Topic },
                new() { Value = record.Claim.Partition.Partition.Value },
                new() { Value = record.Offset },
            },
        };

    /// <summary>Writes rows, many at a time; returns how many were added.</summary>
    public static async Task<long> WriteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> rows, CancellationToken cancellationToken)
    {
        long added = 0;
        foreach (NpgsqlBatchCommand[] some in rows.Chunk(RowsAtATime))
        {
            await using var commands = new NpgsqlBatch(connection);
            Array.ForEach(some, commands.BatchCommands.Add);
            added += await commands.ExecuteNonQueryAsync(cancellationToken);
        }

        return added;
    }

    private static DateTime Time(Frame frame) => DateTime.UnixEpoch.AddMicroseconds(frame.TimeMicros);
}
