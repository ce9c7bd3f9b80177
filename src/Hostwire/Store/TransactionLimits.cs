using System.Globalization;
using Npgsql;

namespace Hostwire.Store;

/// <summary>
/// How long the server waits for us within a transaction. A sink whose machine stands still keeps its connection and every lock it holds, and whoever
/// takes its partitions over would wait for it as long as it stands.
/// </summary>
/// <remarks>For one transaction each, since a pooler may give the session to somebody else afterwards.</remarks>
internal static class TransactionLimits
{
    // Between two statements of a batch nobody is asked anything: all that happens is computing.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    // Nothing takes longer than the client waits for an answer, besides a COPY. While that waits for bytes the server does not look at this limit, for then it could
    // not tell any more what comes next; whoever is held up by it ends it.
    private static readonly TimeSpan Statement = TimeSpan.FromSeconds(30);
    // Longer than the server lets anybody be idle: then it has ended what it can end.
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(15);
    private const long CopyBytesPerSecondMin = 100_000;

    /// <summary>For a transaction that does nothing but talk to the database.</summary>
    /// <param name="copyBytes">About as much as it copies.</param>
    public static IEnumerable<NpgsqlBatchCommand> Working(long copyBytes = 0) =>
        [Set("idle_in_transaction_session_timeout", Idle), Set("statement_timeout", Statement + TimeSpan.FromSeconds(copyBytes / CopyBytesPerSecondMin))];

    /// <summary>For a transaction that may ask somebody else in between.</summary>
    /// <param name="patience">How long that may take.</param>
    public static NpgsqlBatchCommand Asking(TimeSpan patience) => Set("idle_in_transaction_session_timeout", patience + Idle);

    /// <summary>For a statement that has to wait for a lock of another sink: how long that may take.</summary>
    public static NpgsqlBatchCommand Waiting => Set("lock_timeout", LockWait);

    private static NpgsqlBatchCommand Set(string name, TimeSpan limit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"set local {name} = {(long)limit.TotalMilliseconds}"));
}
