using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Which days are kept, and have a partition to be stored in. Asks the database once for each day, and again when a new day begins.</summary>
internal sealed class DayPartitions
{
    private readonly Dictionary<DateOnly, bool> _kept = [];

    /// <summary>Makes missing partitions of the days of these frames, each in a transaction of its own.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, IReadOnlyList<Frame> frames, CancellationToken cancellationToken)
    {
        foreach (DateOnly day in Missing(frames))
        {
            // 0001 to 2554: whatever nanoseconds since 1970 can say is a date to PostgreSQL.
            await using var command = new NpgsqlCommand("select hostwire.ensure_partition($1)", connection) { Parameters = { new() { Value = day } } };
            _kept[day] = (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }

    /// <summary>Whether the database need not be asked about any of these frames.</summary>
    public bool AreKnown(IReadOnlyList<Frame> frames) => Missing(frames).Count == 0;

    /// <summary>Whether frames of this day are stored; otherwise they belong in quarantine.</summary>
    public bool IsKept(DateOnly day) => _kept[day];

    /// <summary>Forgets all answers: time has passed, or the database may be another.</summary>
    public void Forget() => _kept.Clear();

    private HashSet<DateOnly> Missing(IReadOnlyList<Frame> frames)
    {
        var missing = new HashSet<DateOnly>();
        DateOnly? last = null;
        for (int index = 0; index < frames.Count; index++)
        {
            DateOnly day = frames[index].Day;
            if (day != last && !_kept.ContainsKey(day))
            {
                missing.Add(day);
            }

            last = day;
        }

        return missing;
    }
}
