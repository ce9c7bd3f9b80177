using Npgsql;

namespace Hostwire.Sink;

/// <summary>Where the records of a batch come from: what has to be true of them, and changes, in the transaction that stores them.</summary>
internal interface IRecordSource
{
    /// <summary>
    /// Statements that take the records from where they are, each with the number of rows it has to change: where it changes another, they are not ours any more and nothing is stored. Null: any.
    /// One of them locks <c>hostwire.kafka_offset</c> against whoever removes what the batch is about to use.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="refused">Those of them that are not stored.</param>
    IReadOnlyList<(NpgsqlBatchCommand Statement, int? Rows)> Take(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused);

    /// <summary>What is so where a statement changed another number of rows, in a sentence.</summary>
    string Taken { get; }

    /// <summary>Keeps what is not stored. In the same transaction.</summary>
    Task KeepAsync(NpgsqlConnection connection, ReadOnlyMemory<RawRecord> records, IReadOnlyList<DeadLetter> refused, CancellationToken cancellationToken);

    /// <summary>The transaction was committed.</summary>
    void Stored(ReadOnlySpan<RawRecord> records, IReadOnlyList<DeadLetter> refused);
}
