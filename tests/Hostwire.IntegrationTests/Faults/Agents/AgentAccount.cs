using System.Globalization;
using System.Text.RegularExpressions;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>What the agents' commands wrote down, held against the database: every reading is there, whole and once, or excused by what docs/spool.md says, or counted by the agent.</summary>
internal sealed partial class AgentAccount(Action<string> note)
{
    // By how much a time may be off while the clock was being set: the agent keeps its times in order across a step of less than a second.
    private const long StepSlack = 1_500_000;

    // Beyond what the sink keeps, whatever its retention in the tests.
    private const long FarOff = 100L * 86_400 * 1_000_000;

    private readonly Dictionary<(string Host, string Command, long Id), Found> _readings = [];

    /// <summary>Points that agents were given.</summary>
    public long Accepted { get; private set; }

    /// <summary>Those of them that they were given while a fault was on.</summary>
    public long AcceptedUnderFault { get; private set; }

    /// <summary>Points that agents say they have dropped, and points in quarantine.</summary>
    public long DroppedAndCounted { get; private set; }

    /// <summary>Points that are gone within what is stated: the reading in progress at a kill, the last seconds before a power cut, a spool that was taken away.</summary>
    public long WithinWindow { get; private set; }

    /// <summary>Points of which it cannot be told whether they had to be there.</summary>
    public long Doubtful { get; private set; }

    /// <summary>Points that are nowhere.</summary>
    public long Lost { get; private set; }

    /// <summary>Points that are there more than once.</summary>
    public long Twice { get; private set; }

    /// <summary>Points that no command printed, or at another time; readings of which a part is missing; drops counted that are none.</summary>
    public long Wrong { get; private set; }

    /// <summary>Whether a host is one of the agents'.</summary>
    public static bool IsAgents(MetricPoint point) => point.Host.StartsWith("agent-", StringComparison.Ordinal);

    /// <summary>Compares.</summary>
    /// <param name="round">The round, over.</param>
    /// <param name="stored">The points of the agents' hosts.</param>
    /// <param name="quarantined">The same in quarantine.</param>
    /// <param name="conflicts">Readings of twins that had the same microsecond, and so are in <c>hostwire.conflict</c> instead.</param>
    public void Take(Round round, IEnumerable<MetricPoint> stored, IEnumerable<MetricPoint> quarantined, long conflicts)
    {
        foreach (LedgerAgent agent in round.Agents)
        {
            foreach (LedgerReading reading in agent.Readings())
            {
                _readings.Add((agent.Host, reading.Command, reading.Id), new Found(agent, reading, round.Plan.Agents!.Points));
            }
        }

        foreach (MetricPoint point in stored)
        {
            Match(point, isQuarantined: false);
        }

        foreach (MetricPoint point in quarantined)
        {
            Match(point, isQuarantined: true);
            DroppedAndCounted++;
        }

        AcceptedUnderFault = round.PointsUnderFault(_readings.Values.Select(found => found.Reading));
        foreach (LedgerAgent agent in round.Agents)
        {
            Settle(agent, [.. _readings.Values.Where(found => found.Agent == agent)], conflicts * round.Plan.Agents!.Points);
        }
    }

    private void Match(MetricPoint point, bool isQuarantined)
    {
        Match attributes = Attributes().Match(point.Attributes);
        int number = attributes.Success ? int.Parse(attributes.Groups["n"].ValueSpan, CultureInfo.InvariantCulture) : 0;
        long id = (long)BitConverter.Int64BitsToDouble(point.ValueBits) - number;
        string metric = string.Create(CultureInfo.InvariantCulture, $"rig_ledger_{number % 10}");
        if (!attributes.Success || point is not { Kind: "gauge", Unit: "" } || point.Metric != metric
            || !_readings.TryGetValue((point.Host, attributes.Groups["command"].Value, id), out Found? found) || number >= found.Count.Length)
        {
            Blame($"stored and never printed: {point}");
            return;
        }

        found.Count[number]++;
        (long Since, long By)[] clocks = ClocksOf(found);
        if (!Array.Exists(clocks, clock => Fits(found, point.TimeMicros - clock.By, slack: clocks.Length > 1 || clock.By != 0) && isQuarantined == Math.Abs(clock.By) > FarOff))
        {
            Blame($"{(isQuarantined ? "in quarantine" : "stored")} at another time than it was read: {point}");
        }
    }

    private void Settle(LedgerAgent agent, Found[] readings, long conflicts)
    {
        long unexcused = 0;
        long excused = 0;
        List<long> missing = [];
        foreach (Found found in readings)
        {
            int points = found.Count.Length;
            int absent = found.Count.Count(count => count == 0);
            long surplus = found.Count.Sum(count => Math.Max(0, count - 1L));
            Twice += surplus;
            Say(surplus > 0, $"{surplus} points are there more than once: {found}");
            if (!found.Reading.IsDone)
            {
                // Killed with its command, before it could end: nobody was given anything.
                Say(absent < points, $"stored although it did not end: {found}", () => Wrong += points - absent);
                continue;
            }

            LedgerExcuse excuse = absent > 0 ? agent.Excuse(found.Reading) : LedgerExcuse.None;
            Accepted += excuse is LedgerExcuse.NotTaken ? 0 : points;
            bool isTorn = absent > 0 && absent < points && agent.PointsOfADrop == 0;
            Say(isTorn, $"{absent} of {points} points are missing: {found}", () => Wrong += absent);
            Doubtful += excuse is LedgerExcuse.Doubt ? absent : 0;
            excused += excuse is LedgerExcuse.Window or LedgerExcuse.Doubt ? absent : 0;
            if (absent > 0 && excuse is LedgerExcuse.None)
            {
                unexcused += absent;
                missing.Add(found.Reading.Id);
            }
        }

        Balance(agent, readings, missing, unexcused, excused, conflicts);
        if (agent.DropsTheOldest)
        {
            CheckHole(readings, missing);
        }
    }

    /// <summary>What is missing is what the agent says it has dropped, to the point.</summary>
    private void Balance(LedgerAgent agent, Found[] readings, List<long> missing, long unexcused, long excused, long conflicts)
    {
        long dropped = agent.RecordsDropped * (agent.PointsOfADrop > 0 ? agent.PointsOfADrop : readings[0].Count.Length);
        long lost = Math.Max(0, unexcused - dropped - conflicts);
        long false_ = agent.CountsAtMost ? 0 : Math.Max(0, dropped - unexcused - excused);
        Accepted -= excused;
        WithinWindow += excused;
        Say(Doubtful > 0, string.Create(CultureInfo.InvariantCulture, $"{agent.Process.Name}: {Doubtful} points were read within seconds of a kill and are missing: the disk was too slow to tell"));
        DroppedAndCounted += Math.Min(dropped, unexcused);
        Lost += lost;
        Wrong += false_;
        Say(lost > 0, string.Create(CultureInfo.InvariantCulture, $"{agent.Process.Name}: {unexcused} points are missing, and it has counted {dropped} as dropped; the first reading: {missing.FirstOrDefault()}"));
        Say(false_ > 0, string.Create(CultureInfo.InvariantCulture, $"{agent.Process.Name} has counted {dropped} points as dropped, and {unexcused} (at most {unexcused + excused}) are missing"));
    }

    /// <summary>Of what waited the oldest was dropped: nothing in the middle of the hole is there. Commands of one second are in no order.</summary>
    private void CheckHole(Found[] readings, List<long> missing)
    {
        const long second = 1_000_000;
        Say(missing.Count == 0, "nothing was dropped, so the fault did not take effect", () => Wrong++);
        int within = missing.Count == 0 ? 0 : readings.Count(found => found.Count[0] > 0 && found.Reading.Id > missing.Min() + second && found.Reading.Id < missing.Max() - second);
        Say(within > 0, $"{within} readings are there that are younger than what was dropped and older than what was dropped too", () => Wrong += within);
    }

    private static (long Since, long By)[] ClocksOf(Found found)
    {
        List<(long Since, long By)> steps = found.Agent.ClockSteps;
        long until = found.Reading.NextId == long.MaxValue ? LedgerAgent.Now : found.Reading.NextId;
        return [.. steps.Where((step, i) => step.Since - StepSlack <= until && (i + 1 == steps.Count || steps[i + 1].Since + StepSlack >= found.Reading.Id))];
    }

    private static bool Fits(Found found, long micros, bool slack)
    {
        long may = slack ? StepSlack : 0;
        return micros >= found.Reading.Id - may && (found.Reading.NextId == long.MaxValue || micros <= found.Reading.NextId + may);
    }

    private void Blame(string what)
    {
        Wrong++;
        note(what);
    }

    private void Say(bool isAmiss, string what, Action? count = null)
    {
        if (isAmiss)
        {
            count?.Invoke();
            note(what);
        }
    }

    [GeneratedRegex("""^command="(?<command>c\d+)",n="(?<n>\d+)"$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Attributes();

    private sealed record Found(LedgerAgent Agent, LedgerReading Reading, int Points)
    {
        public int[] Count { get; } = new int[Points];

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"reading {Reading.Id} of {Agent.Process.Name}, command {Reading.Command}");
    }
}
