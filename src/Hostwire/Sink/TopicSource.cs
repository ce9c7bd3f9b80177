using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>Records off the topic: the stored offset moves over them, and what cannot be stored becomes a dead letter.</summary>
internal sealed partial class TopicSource(string group, string topic, ILogger logger) : IRecordSource
{
    /// <inheritdoc/>
    public string Taken => "A partition was claimed by another sink, or its stored offset is not where this sink left it.";

    /// <inheritdoc/>
    public IReadOnlyList<(NpgsqlBatchCommand Statement, int? Rows)> Take(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused)
    {
        var moves = new Dictionary<PartitionClaim, long>();
        foreach (RawRecord record in records)
        {
            moves[record.Claim] = record.Offset + 1;
        }

        // In the same order everywhere, so that no two sinks wait for each other.
        return [(OffsetTable.Advance(group, topic, [.. moves.OrderBy(move => move.Key.Partition.Partition.Value).Select(move => (move.Key, move.Value))]), moves.Count)];
    }

    /// <inheritdoc/>
    public async Task KeepAsync(NpgsqlConnection connection, ReadOnlyMemory<RawRecord> records, IReadOnlyList<DeadLetter> refused, CancellationToken cancellationToken)
    {
        if (refused.Count == 0)
        {
            return;
        }

        bool withPayload = await DeadLetterTable.HasRoomForPayloadsAsync(connection, cancellationToken);
        foreach (DeadLetter letter in refused)
        {
            await DeadLetterTable.AddAsync(connection, records.Span[letter.RecordIndex], letter.Reason, withPayload, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Stored(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused)
    {
        foreach (DeadLetter letter in refused)
        {
            RawRecord record = records[letter.RecordIndex];
            LogDeadLetter(record.Claim.Partition.Topic, record.Claim.Partition.Partition.Value, record.Offset, letter.Reason);
        }

        foreach (ref readonly RawRecord record in records)
        {
            record.Claim.Advance(record.Offset + 1, record.TimeMillis);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A record was set aside in hostwire.dead_letter: {Reason}")]
    private partial void LogDeadLetter(string topic, int partition, long offset, string reason);
}
