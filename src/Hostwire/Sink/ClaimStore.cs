using Confluent.Kafka;
using Hostwire.Kafka;
using Hostwire.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>Claims partitions in <c>hostwire.kafka_offset</c> and decides where to read on; what was gone by then becomes a row of <c>hostwire.gap</c>.</summary>
internal sealed partial class ClaimStore(string group, string owner, SinkCounters counters, ILogger logger, LogLevel gapLevel = LogLevel.Error)
{
    /// <summary>Claims one partition; from then on nobody who claimed it before can store anything of it.</summary>
    /// <param name="connection">Where the offsets are.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="facts">What the brokers said of it a moment ago.</param>
    /// <param name="askAgain">Asks them anew.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PartitionClaim> ClaimAsync(
        NpgsqlConnection connection, TopicPartition partition, PartitionFacts facts, Func<Task<PartitionFacts>> askAgain, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
            StoredOffset? stored;
            try
            {
                stored = await OffsetTable.LockAsync(connection, group, partition.Topic, partition.Partition.Value, cancellationToken);
            }
            catch (PostgresException held) when (held.SqlState is PostgresErrorCodes.LockNotAvailable)
            {
                // A sink that stands still in the middle of a COPY keeps the row for as long as it stands. The partition is ours, so its transaction is worth nothing.
                await transaction.RollbackAsync(cancellationToken);
                if (!await OffsetTable.EndHolderAsync(connection, group, partition.Topic, partition.Partition.Value, cancellationToken))
                {
                    throw;
                }

                LogHolderEnded(partition.Topic, partition.Partition.Value);
                continue;
            }

            (long next, OffsetGap? gap) = ReadOn(stored, facts);
            if (gap is not null)
            {
                // The last owner may have stored records that came after the brokers were asked, which looks like a log that lost its tail. Now
                // that the row is locked nobody moves the offset any more, so another answer is the truth.
                facts = await askAgain();
                (next, gap) = ReadOn(stored, facts);
            }

            var claim = new PartitionClaim(partition, facts.ClusterId, facts.TopicId, (stored?.OwnerEpoch ?? 0) + 1, next);
            if (gap is not null)
            {
                await OffsetTable.WriteGapAsync(connection, group, claim, gap, cancellationToken);
            }

            if (!await OffsetTable.WriteAsync(connection, group, owner, claim, cancellationToken))
            {
                continue;
            }

            await transaction.CommitAsync(cancellationToken);
            counters.CountClaim();
            LogClaimed(partition.Topic, partition.Partition.Value, claim.NextOffset, facts.Latest, claim.Epoch);
            if (gap is not null)
            {
                counters.CountGap();
                LogGap(gapLevel, partition.Topic, partition.Partition.Value, gap.From, gap.To, gap.Reason);
            }

            return claim;
        }
    }

    /// <summary>Where to read on, and what is missing before that.</summary>
    internal static (long Next, OffsetGap? Gap) ReadOn(StoredOffset? stored, PartitionFacts facts)
    {
        if (stored is null)
        {
            return (facts.Earliest, null);
        }

        // A topic's id changes when it is deleted and made again; a broker that tells no ids is known by its cluster alone.
        bool idsKnown = stored.TopicId.Length > 0 && facts.TopicId.Length > 0;
        bool another = idsKnown ? stored.TopicId != facts.TopicId : stored.ClusterId != facts.ClusterId;
        if (another)
        {
            return (facts.Earliest, new OffsetGap(
                stored.ClusterId, stored.TopicId, stored.NextOffset, To: null, "The topic was deleted and made again, or is another cluster's: what it held from here on, if anything, is gone."));
        }

        if (stored.NextOffset < facts.Earliest)
        {
            return (facts.Earliest, new OffsetGap(
                facts.ClusterId, facts.TopicId, stored.NextOffset, facts.Earliest, "Kafka deleted these records before they were read: the topic's retention is shorter than the sink was away."));
        }

        // Beyond the end: the log was cut back. From its start, because what is stored already is recognised by its key.
        return stored.NextOffset > facts.Latest
            ? (facts.Earliest, new OffsetGap(
                facts.ClusterId, facts.TopicId, facts.Latest, stored.NextOffset, "The log ends before what was read of it: Kafka lost its tail. The rest of the log is read again."))
            : (stored.NextOffset, null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sink that has lost this partition held its offset locked, and its session was ended: it stands still, or its network does")]
    private partial void LogHolderEnded(string topic, int partition);

    [LoggerMessage(Level = LogLevel.Information, Message = "Claimed a partition; reading on")]
    private partial void LogClaimed(string topic, int partition, long offset, long end, long epoch);

    [LoggerMessage(Message = "Records are missing, see hostwire.gap: {Reason}")]
    private partial void LogGap(LogLevel level, string topic, int partition, long from, long? to, string reason);
}
