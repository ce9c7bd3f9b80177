using Hostwire.Diagnostics;
using Hostwire.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Hostwire.Sink;

/// <summary>Tries dead letters again, oldest first: stores those that can be stored now, once, and leaves the others with the reason of today.</summary>
/// <remarks>Safe to run beside sinks, and twice at once: what one run has taken, the other passes over. Killed at any moment it has stored whole batches and nothing else.</remarks>
internal sealed class DeadLetterReplay(NpgsqlConnection connection, FrameRules rules, TimeProvider time) : IDisposable
{
    private const long BatchBytesMax = 4 * 1024 * 1024;

    // The same few may be taken from under us now and then, by another run or by retention; again and again they are not.
    private const int AttemptsMax = 10;

    // Its warnings are those of a sink; what came of a replay is told at its end.
    private readonly BatchStore _store = new(new DeadLetterSource(), rules, NullLogger.Instance, time);

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    /// <summary>Goes through all that are there when it begins.</summary>
    /// <param name="only">Their numbers; empty: all.</param>
    /// <param name="cancellationToken">Gives up; what was stored by then is stored.</param>
    /// <exception cref="NpgsqlException">The database is not there, or refuses.</exception>
    public async Task<ReplayReport> RunAsync(IReadOnlyCollection<long> only, CancellationToken cancellationToken)
    {
        (long all, long withoutPayload, long newest) = await DeadLetterTable.CountAsync(connection, only, cancellationToken);
        var report = new ReplayReport { Found = all, WithoutPayload = withoutPayload };
        long done = 0;
        int attempts = 0;
        while (await DeadLetterTable.NextAsync(connection, done, newest, only, BatchBytesMax, cancellationToken) is { Length: > 0 } records)
        {
            try
            {
                await foreach (BatchOutcome outcome in _store.StoreAsync(connection, records, cancellationToken))
                {
                    report.Add(outcome);
                }

                done = records[^1].DeadLetterId;
                attempts = 0;
            }
            catch (FencedException fenced)
            {
                await _store.ForgetAsync(cancellationToken);
                if (++attempts == AttemptsMax)
                {
                    throw new UserException($"{fenced.Message} This happened {AttemptsMax} times in a row: look whether another replay runs, and run this again.", fenced);
                }
            }
        }

        return report;
    }
}
