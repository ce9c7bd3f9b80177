using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Faults.Agents;
using Npgsql;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>The ledger held against the database, once the faults are over and the lag is 0: names and values, never ids.</summary>
internal sealed class RoundAccount
{
    private const int ExamplesMax = 5;

    private readonly List<string> _examples = [];

    /// <summary>Nothing is compared yet.</summary>
    public RoundAccount() => Agents = new AgentAccount(Note);

    /// <summary>Points that the broker acknowledged and that had to be stored or counted.</summary>
    public long Accepted { get; private set; }

    /// <summary>Points in <c>hostwire.metrics</c>.</summary>
    public long Stored { get; private set; }

    /// <summary>Points that are not stored and that the database itself counts: in gaps, by their offsets, and in quarantine.</summary>
    public long DroppedAndCounted { get; private set; }

    /// <summary>Records set aside as they had to be.</summary>
    public long DeadLetters { get; private set; }

    /// <summary>Points, or dead letters, that are nowhere.</summary>
    public long Lost { get; private set; }

    /// <summary>Points, or dead letters, that are there more than once.</summary>
    public long Twice { get; private set; }

    /// <summary>Points that nobody sent so: another value, host, series or time; good records among the dead letters; gaps that are none; conflicts.</summary>
    public long Wrong { get; private set; }

    /// <summary>Stored offsets that went back, and moves by a sink that another one had followed.</summary>
    public long OffsetFaults { get; private set; }

    /// <summary>What the agents were given.</summary>
    public AgentAccount Agents { get; }

    /// <summary>The first few of each of these, in words.</summary>
    public IReadOnlyList<string> Examples => _examples;

    /// <summary>Whether nothing is amiss.</summary>
    public bool IsClean => Lost + Twice + Wrong + OffsetFaults == 0;

    /// <summary>Compares.</summary>
    public static async Task<RoundAccount> TakeAsync(Round round, CancellationToken cancellationToken)
    {
        var account = new RoundAccount();
        LedgerRecord[] records = round.Ledger.Snapshot();
        List<StoredGap> gaps = await ReadGapsAsync(round, cancellationToken);
        account.CheckGaps(round, gaps);
        List<MetricPoint> stored = await StoredPoints.ReadAsync(round.Database, cancellationToken);
        List<MetricPoint> quarantined = await ReadQuarantineAsync(round, cancellationToken);
        account.Stored = stored.Count;
        account.CheckPoints(records, gaps, [.. stored.Where(point => !AgentAccount.IsAgents(point))]);
        account.CheckQuarantine(records, gaps, [.. quarantined.Where(point => !AgentAccount.IsAgents(point))]);
        account.CheckDeadLetters(records, gaps, await ReadDeadLettersAsync(round, cancellationToken));
        long conflicts = await account.CheckTablesAsync(round, cancellationToken);
        account.Agents.Take(round, stored.Where(AgentAccount.IsAgents), quarantined.Where(AgentAccount.IsAgents), conflicts);
        account.Add(account.Agents);
        return account;
    }

    private void Add(AgentAccount agents)
    {
        Accepted += agents.Accepted;
        DroppedAndCounted += agents.DroppedAndCounted;
        Lost += agents.Lost;
        Twice += agents.Twice;
        Wrong += agents.Wrong;
    }

    private void CheckPoints(LedgerRecord[] records, List<StoredGap> gaps, List<MetricPoint> stored)
    {
        var found = new Dictionary<MetricPoint, int>();
        foreach (MetricPoint point in stored)
        {
            found[point] = found.GetValueOrDefault(point) + 1;
        }

        // What was never acknowledged may be there or not: the ledger's producer does not leave a round with any, a killed one does.
        HashSet<MetricPoint> mayBe = [.. records.Where(record => record.Fate is RecordFate.Stored).SelectMany(record => record.Points)];
        foreach ((MetricPoint point, int times) in found)
        {
            if (!mayBe.Contains(point))
            {
                Wrong += times;
                Note($"stored and never sent: {point}");
            }
            else if (times > 1)
            {
                Twice += times - 1;
                Note($"stored {times} times: {point}");
            }
        }

        foreach (LedgerRecord record in records.Where(record => record.IsAccepted && record.Fate is RecordFate.Stored))
        {
            Accepted += record.Points.Length;
            bool isGone = IsGone(record, gaps);
            int missing = record.Points.Count(point => !found.ContainsKey(point));
            if (isGone)
            {
                DroppedAndCounted += record.Points.Length;
                Complain(missing < record.Points.Length, () => Wrong++, $"in a gap and stored all the same: {Place(record)}");
            }
            else if (missing > 0)
            {
                Lost += missing;
                Note($"{missing} of {record.Points.Length} points not stored: {Place(record)} {record.Points[0]}");
            }
        }
    }

    /// <summary>Whether it is counted as missing. What was sent twice is only where both are.</summary>
    private static bool IsGone(LedgerRecord record, List<StoredGap> gaps) =>
        gaps.Exists(gap => gap.Covers(record, record.Offset)) && gaps.Exists(gap => gap.Covers(record, record.SecondOffset ?? record.Offset));

    private void CheckQuarantine(LedgerRecord[] records, List<StoredGap> gaps, List<MetricPoint> quarantined)
    {
        Dictionary<MetricPoint, int> found = quarantined.GroupBy(point => point).ToDictionary(points => points.Key, points => points.Count());
        foreach (LedgerRecord record in records.Where(record => record.IsAccepted && record.Fate is RecordFate.Quarantined && !IsGone(record, gaps)))
        {
            Accepted += record.Points.Length;
            foreach (MetricPoint point in record.Points)
            {
                found.Remove(point, out int times);
                DroppedAndCounted += Math.Min(times, 1);
                Complain(times == 0, () => Lost++, $"not in quarantine: {point}");
                Complain(times > 1, () => Twice += times - 1, $"in quarantine {times} times: {point}");
            }
        }

        foreach (MetricPoint point in found.Keys)
        {
            Wrong++;
            Note($"in quarantine without reason: {point}");
        }
    }

    private void CheckDeadLetters(LedgerRecord[] records, List<StoredGap> gaps, Dictionary<(string TopicId, int Partition, long Offset), int> letters)
    {
        DeadLetters = letters.Values.Sum();
        foreach (LedgerRecord record in records.Where(record => record.IsAccepted))
        {
            letters.Remove((record.TopicId, record.Partition, record.Offset), out int times);
            bool isGone = IsGone(record, gaps);
            Complain(times > 1, () => Twice += times - 1, $"{times} dead letters of one record: {Place(record)}");
            Complain(times > 0 && record.Fate is not (RecordFate.Refused or RecordFate.RefusedOrEmpty), () => Wrong++, $"a good record is a dead letter: {Place(record)}");
            Complain(times == 0 && record.Fate is RecordFate.Refused && !isGone, () => Lost++, $"no dead letter: {Place(record)}");
        }
    }

    private void CheckGaps(Round round, List<StoredGap> gaps)
    {
        foreach (StoredGap gap in gaps)
        {
            bool isExpected = round.ExpectedGaps.Exists(expected =>
                expected.TopicId == gap.TopicId && (expected.Partition is null || expected.Partition == gap.Partition) && expected.To == gap.To);
            Complain(!isExpected, () => Wrong++, $"a gap that is none: {gap}");
        }
    }

    /// <returns>How many conflicts there are.</returns>
    private async Task<long> CheckTablesAsync(Round round, CancellationToken cancellationToken)
    {
        long conflicts = await round.Database.AdminScalarAsync<long>("SELECT count(*) FROM hostwire.conflict", cancellationToken);
        Complain(conflicts > 0 && !round.ConflictsMayBe, () => Wrong += conflicts, $"{conflicts} rows in conflict");
        long back = await OffsetAudit.MovesBackAsync(round.Database, cancellationToken);
        Complain(back > 0 && !round.OffsetsMayGoBack, () => OffsetFaults += back, $"{back} stored offsets went back");
        long stray = await OffsetAudit.StrayMovesAsync(round.Database, cancellationToken);
        Complain(stray > 0, () => OffsetFaults += stray, $"{stray} offsets were moved by a sink that another had followed");
        long alike = await round.Database.AdminScalarAsync<long>(
            "SELECT (SELECT count(*) - count(DISTINCT (metric_id, scope, attributes)) FROM hostwire.series) + (SELECT count(*) - count(DISTINCT name) FROM hostwire.host)", cancellationToken);
        Complain(alike > round.HostsOfOneName, () => Wrong += alike, $"{alike} series or hosts are in the dictionary twice");
        return conflicts;
    }

    private static async Task<List<StoredGap>> ReadGapsAsync(Round round, CancellationToken cancellationToken)
    {
        var gaps = new List<StoredGap>();
        await using NpgsqlCommand command = round.Database.DataSource.CreateCommand("SELECT topic_id, partition, from_offset, to_offset FROM hostwire.gap");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            gaps.Add(new StoredGap(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetInt64(3)));
        }

        return gaps;
    }

    private static async Task<Dictionary<(string TopicId, int Partition, long Offset), int>> ReadDeadLettersAsync(Round round, CancellationToken cancellationToken)
    {
        var letters = new Dictionary<(string, int, long), int>();
        await using NpgsqlCommand command = round.Database.DataSource.CreateCommand("SELECT topic_id, partition, record_offset, count(*)::integer FROM hostwire.dead_letter GROUP BY 1, 2, 3");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            letters[(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2))] = reader.GetInt32(3);
        }

        return letters;
    }

    private static Task<List<MetricPoint>> ReadQuarantineAsync(Round round, CancellationToken cancellationToken) => StoredPoints.ReadAsync(
        round.Database.DataSource,
        """
        SELECT h.name, m.name, m.unit, m.kind, s.attributes::text, (extract(epoch FROM q.time) * 1000000)::bigint, q.values[ls.position]
        FROM hostwire.quarantine q JOIN hostwire.host h USING (host_id) JOIN hostwire.layout_series ls USING (layout_id)
          JOIN hostwire.series s USING (series_id) JOIN hostwire.metric m USING (metric_id)
        """,
        cancellationToken);

    private void Complain(bool isAmiss, Action count, string example)
    {
        if (isAmiss)
        {
            count();
            Note(example);
        }
    }

    private void Note(string example)
    {
        if (_examples.Count < ExamplesMax)
        {
            _examples.Add(example);
        }
    }

    private static string Place(LedgerRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"topic {record.TopicId} partition {record.Partition} offset {record.Offset}");

    private sealed record StoredGap(string TopicId, int Partition, long From, long? To)
    {
        public bool Covers(LedgerRecord record, long offset) => record.TopicId == TopicId && record.Partition == Partition && offset >= From && (To is null || offset < To);
    }
}
