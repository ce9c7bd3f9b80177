using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Reads and moves <c>hostwire.kafka_offset</c>: the fence that keeps a record from being stored by two sinks.</summary>
internal static class OffsetTable
{
    // Whoever claims asks the brokers once more with the row locked: four questions, each answered or given up within ten seconds.
    private static readonly TimeSpan LockMax = TimeSpan.FromSeconds(40);

    /// <summary>What is stored for a partition, its row locked until the transaction ends; null where nobody has claimed it yet.</summary>
    /// <exception cref="PostgresException">Among others <c>lock_not_available</c>: somebody has held the row for longer than any sink that works.</exception>
    public static async Task<StoredOffset?> LockAsync(NpgsqlConnection connection, string group, string topic, int partition, CancellationToken cancellationToken)
    {
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(TransactionLimits.Asking(LockMax));
        commands.BatchCommands.Add(TransactionLimits.Waiting);
        commands.BatchCommands.Add(new("select cluster_id, topic_id, next_offset, owner_epoch from hostwire.kafka_offset where group_id = $1 and topic = $2 and partition = $3 for update")
        {
            Parameters = { new() { Value = group }, new() { Value = topic }, new() { Value = partition } },
        });
        await using NpgsqlDataReader reader = await commands.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new StoredOffset(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3))
            : null;
    }

    /// <summary>Ends the session of our own role that holds a partition's row locked; false where there is none.</summary>
    public static async Task<bool> EndHolderAsync(NpgsqlConnection connection, string group, string topic, int partition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select count(*) from (
              select pg_terminate_backend(a.pid) as is_ended from hostwire.kafka_offset o join pg_stat_activity a on a.backend_xid = o.xmax
              where o.group_id = $1 and o.topic = $2 and o.partition = $3 and a.usename = current_user and a.pid <> pg_backend_pid()) holder
            where is_ended
            """,
            connection)
        {
            Parameters = { new() { Value = group }, new() { Value = topic }, new() { Value = partition } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    /// <summary>Writes a claim, new or over the one that <see cref="LockAsync"/> has read. False where somebody else made the row first: look again.</summary>
    public static async Task<bool> WriteAsync(NpgsqlConnection connection, string group, string owner, PartitionClaim claim, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into hostwire.kafka_offset as o (group_id, topic, partition, cluster_id, topic_id, next_offset, owner_epoch, owner)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (group_id, topic, partition) do update
            set cluster_id = excluded.cluster_id, topic_id = excluded.topic_id, next_offset = excluded.next_offset, owner_epoch = excluded.owner_epoch, owner = excluded.owner, updated_at = now()
            where o.owner_epoch = excluded.owner_epoch - 1
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = group },
                new() { Value = claim.Partition.Topic },
                new() { Value = claim.Partition.Partition.Value },
                new() { Value = claim.ClusterId },
                new() { Value = claim.TopicId },
                new() { Value = claim.NextOffset },
                new() { Value = claim.Epoch },
                new() { Value = owner },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Which of these claims the database still knows, each with the offset where its sink left it.</summary>
    public static async Task<HashSet<PartitionClaim>> HeldAsync(
        NpgsqlConnection connection, string group, string topic, IReadOnlyCollection<PartitionClaim> claims, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select partition, next_offset, owner_epoch from hostwire.kafka_offset where group_id = $1 and topic = $2", connection)
        {
            Parameters = { new() { Value = group }, new() { Value = topic } },
        };
        var rows = new HashSet<(int Partition, long NextOffset, long Epoch)>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return [.. claims.Where(claim => rows.Contains((claim.Partition.Partition.Value, claim.NextOffset, claim.Epoch)))];
    }

    /// <summary>Adds a row to <c>hostwire.gap</c>.</summary>
    public static async Task WriteGapAsync(NpgsqlConnection connection, string group, PartitionClaim claim, OffsetGap gap, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into hostwire.gap (group_id, topic, partition, cluster_id, topic_id, from_offset, to_offset, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)", connection)
        {
            Parameters =
            {
                new() { Value = group },
                new() { Value = claim.Partition.Topic },
                new() { Value = claim.Partition.Partition.Value },
                new() { Value = gap.ClusterId },
                new() { Value = gap.TopicId },
                new() { Value = gap.From },
                new NpgsqlParameter<long?> { TypedValue = gap.To },
                new() { Value = gap.Reason },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What the compare-and-set of a batch locks besides its rows, for a batch that moves no offset: see <c>hostwire.remove_unused()</c>.</summary>
    public static NpgsqlBatchCommand Lock() => new("lock table hostwire.kafka_offset in row exclusive mode");

    /// <summary>The compare-and-set of one batch. It must change exactly one row for each claim, or somebody else has stored or claimed meanwhile.</summary>
    public static NpgsqlBatchCommand Advance(string group, string topic, IReadOnlyList<(PartitionClaim Claim, long Next)> moves) =>
        new(
            """
            update hostwire.kafka_offset o set next_offset = n.next, updated_at = now()
            from unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[]) as n (partition, expected, epoch, next)
            where o.group_id = $1 and o.topic = $2 and o.partition = n.partition and o.next_offset = n.expected and o.owner_epoch = n.epoch
            """)
        {
            Parameters =
            {
                new() { Value = group },
                new() { Value = topic },
                new() { Value = moves.Select(move => move.Claim.Partition.Partition.Value).ToArray() },
                new() { Value = moves.Select(move => move.Claim.NextOffset).ToArray() },
                new() { Value = moves.Select(move => move.Claim.Epoch).ToArray() },
                new() { Value = moves.Select(move => move.Next).ToArray() },
            },
        };
}
