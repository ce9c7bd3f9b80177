using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd;

/// <summary>How far sinks have come, as the database has it.</summary>
internal static class StoredOffsets
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan StandstillMax = TimeSpan.FromMinutes(3);

    /// <summary>Looks until the query, which yields a <c>bigint</c>, has reached the number; returns the time of the look before, as a timestamp.</summary>
    /// <exception cref="BenchFailedException">It has not changed for minutes, or a sink has ended.</exception>
    public static async Task<long> WaitAsync(NpgsqlConnection connection, string query, long number, IReadOnlyList<ChildProcess> sinks, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        await command.PrepareAsync(cancellationToken);
        long before = TimeProvider.System.GetTimestamp();
        long changedAt = before;
        long last = long.MinValue;
        while (true)
        {
            long now = TimeProvider.System.GetTimestamp();
            long reached = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            if (reached >= number)
            {
                return before;
            }

            changedAt = reached == last ? changedAt : now;
            last = reached;
            if (sinks.FirstOrDefault(sink => sink.HasExited) is { } ended)
            {
                throw new BenchFailedException($"a sink has ended:\n{ended.Describe()}");
            }

            if (TimeProvider.System.GetElapsedTime(changedAt) > StandstillMax)
            {
                throw new BenchFailedException($"the sinks stand still at {reached} of {number}:\n{string.Join('\n', sinks.Select(sink => sink.Describe()))}");
            }

            before = now;
            await Task.Delay(LookEvery, cancellationToken);
        }
    }
}
