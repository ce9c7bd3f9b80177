using System.Globalization;
using Npgsql;

namespace Hostwire.EndToEnd.Latency;

/// <summary>
/// Takes a snapshot of the database again and again, as every <c>SELECT</c> does before it reads, and keeps when each answer was here. A row can be seen by a
/// <c>SELECT</c> exactly where the transaction that made it is visible in its snapshot, so this says of every row when it could first be seen, without reading any.
/// </summary>
internal sealed class SnapshotLog
{
    private readonly List<(DateTimeOffset At, string Text)> _snapshots = [];

    private readonly List<TimeSpan> _gaps = [];

    /// <summary>How far apart two looks were: what a figure may be too high by, and how well the machine kept up with what it was asked for.</summary>
    public Delays Gaps => Delays.Of(_gaps);

    /// <summary>Looks until it is told to stop.</summary>
    public async Task FollowAsync(NpgsqlDataSource database, TimeSpan every, CancellationToken stopping)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(stopping);
        await using var command = new NpgsqlCommand("select pg_current_snapshot()::text", connection);
        await command.PrepareAsync(stopping);
        using var timer = new PeriodicTimer(every);
        DateTimeOffset last = TimeProvider.System.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                string snapshot = (string)(await command.ExecuteScalarAsync(stopping))!;
                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                _gaps.Add(now - last);
                last = now;
                if (_snapshots.Count == 0 || !string.Equals(_snapshots[^1].Text, snapshot, StringComparison.Ordinal))
                {
                    _snapshots.Add((now, snapshot));
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>When each of these transactions, all of them committed, was first seen.</summary>
    /// <exception cref="BenchFailedException">One was not.</exception>
    public Dictionary<ulong, DateTimeOffset> FirstSeen(IEnumerable<ulong> transactions)
    {
        var waiting = new SortedSet<ulong>(transactions);
        var seen = new Dictionary<ulong, DateTimeOffset>(waiting.Count);
        foreach ((DateTimeOffset at, string text) in _snapshots)
        {
            // xmin:xmax:running,...
            string[] parts = text.Split(':');
            ulong end = ulong.Parse(parts[1], CultureInfo.InvariantCulture);
            HashSet<ulong> running = [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => ulong.Parse(number, CultureInfo.InvariantCulture))];
            foreach (ulong transaction in waiting.TakeWhile(number => number < end).Where(number => !running.Contains(number)).ToArray())
            {
                seen.Add(transaction, at);
                waiting.Remove(transaction);
            }
        }

        return waiting.Count == 0 ? seen : throw new BenchFailedException($"{waiting.Count} transactions were never seen");
    }
}
