using Confluent.Kafka;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary><c>hostwire.dead_letter</c>: records that could not be stored, until they can be, or are too old.</summary>
internal static class DeadLetterTable
{
    /// <summary>Whether dead letters may still keep their payload: all of them together have a cap, <c>dead_letter_max_bytes</c>.</summary>
    public static async Task<bool> HasRoomForPayloadsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select hostwire.has_room_for_payloads()", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Adds one.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, RawRecord record, string reason, bool withPayload, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into hostwire.dead_letter (topic, partition, record_offset, topic_id, reason, key, payload, record_time)
            values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::double precision / 1000))
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = record.Claim.Partition.Topic },
                new() { Value = record.Claim.Partition.Partition.Value },
                new() { Value = record.Offset },
                new() { Value = record.Claim.TopicId },
                new() { Value = reason },
                // What counts of it: of a longer one no host is made.
                new NpgsqlParameter<byte[]?> { TypedValue = record.Key is { } key ? HostNames.SignificantOf(key.Span).ToArray() : null },
                new NpgsqlParameter<byte[]?> { TypedValue = withPayload ? Kept(record.Value) : null },
                new NpgsqlParameter<double?> { TypedValue = record.TimeMillis > 0 ? record.TimeMillis : null },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[]? Kept(ReadOnlyMemory<byte>? part) => part is { Length: <= RawRecord.PartBytesMax } bytes ? bytes.ToArray() : null;

    /// <summary>The newest, newest first.</summary>
    /// <param name="connection">To the database.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="withContent">Whether key and payload are read too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<DeadLetterRow>> ListAsync(NpgsqlConnection connection, int limit, bool withContent, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select dead_letter_id, received_at, tried_at, topic, partition, record_offset, reason, octet_length(payload),
              case when $2 then key end, case when $2 then payload end
            from hostwire.dead_letter order by dead_letter_id desc limit $1
            """,
            connection)
        {
            Parameters = { new() { Value = limit }, new() { Value = withContent } },
        };
        var rows = new List<DeadLetterRow>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new DeadLetterRow(
                reader.GetInt64(0),
                reader.GetFieldValue<DateTime>(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTime>(2),
                reader.GetString(3),
                reader.GetInt32(4),
                reader.GetInt64(5),
                reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetInt32(7))
            {
                Key = reader.IsDBNull(8) ? null : reader.GetFieldValue<byte[]>(8),
                Payload = reader.IsDBNull(9) ? null : reader.GetFieldValue<byte[]>(9),
            });
        }

        return rows;
    }

    /// <summary>How many there are, how many of them have lost their payload and so cannot be tried again, and the number of the newest.</summary>
    public static async Task<(long All, long WithoutPayload, long Newest)> CountAsync(NpgsqlConnection connection, IReadOnlyCollection<long> only, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select count(*), count(*) filter (where payload is null), coalesce(max(dead_letter_id), 0) from hostwire.dead_letter where cardinality($1) = 0 or dead_letter_id = any($1)", connection)
        {
            Parameters = { new() { Value = only.ToArray() } },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>The next few that can be tried again, by their numbers.</summary>
    /// <param name="connection">To the database.</param>
    /// <param name="after">The number after which they begin.</param>
    /// <param name="upTo">The last number.</param>
    /// <param name="only">Their numbers; empty: all.</param>
    /// <param name="bytesMax">How much they have together at most, unless it is one alone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RawRecord[]> NextAsync(
        NpgsqlConnection connection, long after, long upTo, IReadOnlyCollection<long> only, long bytesMax, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select dead_letter_id, topic, partition, record_offset, topic_id, key, payload, coalesce((extract(epoch from record_time) * 1000)::bigint, 0) from (
              select *, sum(octet_length(payload)) over (order by dead_letter_id) - octet_length(payload) as before from (
                select * from hostwire.dead_letter
                where dead_letter_id > $1 and dead_letter_id <= $2 and payload is not null and (cardinality($3) = 0 or dead_letter_id = any($3))
                order by dead_letter_id limit 200) l) s
            where before < $4 order by dead_letter_id
            """,
            connection)
        {
            Parameters = { new() { Value = after }, new() { Value = upTo }, new() { Value = only.ToArray() }, new() { Value = bytesMax } },
        };
        var records = new List<RawRecord>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            long offset = reader.GetInt64(3);
            var claim = new PartitionClaim(new TopicPartition(reader.GetString(1), reader.GetInt32(2)), clusterId: "", reader.GetString(4), epoch: 0, offset);
            records.Add(new RawRecord(claim, offset, reader.IsDBNull(5) ? null : (ReadOnlyMemory<byte>?)reader.GetFieldValue<byte[]>(5), reader.GetFieldValue<byte[]>(6), reader.GetInt64(7))
            {
                DeadLetterId = reader.GetInt64(0),
            });
        }

        return [.. records];
    }

    /// <summary>Removes those that are stored in the same transaction.</summary>
    public static NpgsqlBatchCommand Delete(IReadOnlyList<long> ids) => new("delete from hostwire.dead_letter where dead_letter_id = any($1)") { Parameters = { new() { Value = ids.ToArray() } } };

    /// <summary>Notes that those were tried, and why they stay.</summary>
    public static NpgsqlBatchCommand Refuse(IReadOnlyList<(long Id, string Reason)> letters) =>
        new("update hostwire.dead_letter d set reason = n.reason, tried_at = now() from unnest($1::bigint[], $2::text[]) as n (id, reason) where d.dead_letter_id = n.id")
        {
            Parameters = { new() { Value = letters.Select(letter => letter.Id).ToArray() }, new() { Value = letters.Select(letter => letter.Reason).ToArray() } },
        };
}
