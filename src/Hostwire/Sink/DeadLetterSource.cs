using Hostwire.Store;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>Dead letters that are tried again: those that are stored now are deleted in the transaction that stores them, the others stay with their new reason.</summary>
internal sealed class DeadLetterSource : IRecordSource
{
    /// <inheritdoc/>
    public string Taken => "Somebody else has stored or removed some of these dead letters meanwhile.";

    /// <inheritdoc/>
    public IReadOnlyList<(NpgsqlBatchCommand Statement, int? Rows)> Take(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused)
    {
        HashSet<int> kept = [.. refused.Select(letter => letter.RecordIndex)];
        var stored = new List<long>();
        for (int index = 0; index < records.Length; index++)
        {
            if (!kept.Contains(index))
            {
                stored.Add(records[index].DeadLetterId);
            }
        }

        var reasons = new List<(long Id, string Reason)>();
        foreach (DeadLetter letter in refused)
        {
            reasons.Add((records[letter.RecordIndex].DeadLetterId, letter.Reason));
        }

        return [(OffsetTable.Lock(), null), (DeadLetterTable.Delete(stored), stored.Count), (DeadLetterTable.Refuse(reasons), reasons.Count)];
    }

    /// <inheritdoc/>
    public Task KeepAsync(NpgsqlConnection connection, ReadOnlyMemory<RawRecord> records, IReadOnlyList<DeadLetter> refused, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Stored(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused)
    {
    }
}
