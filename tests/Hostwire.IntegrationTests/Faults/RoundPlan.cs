using Hostwire.IntegrationTests.Faults.Agents;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>A round as its seed has drawn it.</summary>
internal sealed class RoundPlan
{
    /// <summary>The seed: the same one draws the same plan.</summary>
    public required int Seed { get; init; }

    /// <summary>The faults, in their order.</summary>
    public required Fault[] Faults { get; init; }

    /// <summary>Partitions of the topic.</summary>
    public int Partitions { get; set; }

    /// <summary>Sinks at the start.</summary>
    public int Sinks { get; set; }

    /// <summary>Hosts that send.</summary>
    public int Hosts { get; set; }

    /// <summary>Real agents that send as well; null: none.</summary>
    public AgentPlan? Agents { get; set; }

    /// <summary>Each host has a new series every so many records; 0: never.</summary>
    public int NewSeriesEvery { get; set; }

    /// <summary>What every proxy adds to each way all the time, in milliseconds, so that things do not always happen in the same order.</summary>
    public int DelayMilliseconds { get; set; }

    /// <summary>Whether the sinks reach PostgreSQL through PgBouncer in transaction mode.</summary>
    public bool IsPooled { get; set; }

    /// <summary>Draws a plan.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rows">The rows to draw from; the seed goes round them, so that consecutive seeds meet each row equally often.</param>
    public static RoundPlan Draw(int seed, IReadOnlyList<int> rows)
    {
        var random = new Random(seed);
        int row = rows[(int)((uint)seed % (uint)rows.Count)];
        var faults = new List<Fault> { FaultCatalogue.Draw(row, random) };
        // Another one, in two rounds of five, before or after the first.
        int other = rows[random.Next(rows.Count)];
        Fault second = FaultCatalogue.Draw(other, random);
        bool wantsSecond = random.Next(5) < 2;
        if (wantsSecond && other != row && MayFollow(faults[0], second))
        {
            faults.Insert(random.Next(2), second);
        }

        return Of(seed, random, [.. faults]);
    }

    // Two faults of the agents would each excuse what the other has done; and what a fault makes unreadable on the topic is told by offsets, which only the
    // ledger's own producer knows.
    private static bool MayFollow(Fault one, Fault other) =>
        !(one.IsOnAgents && other.IsOnAgents) && (!(one.IsOnAgents || other.IsOnAgents) || (one.LeavesRecords && other.LeavesRecords));

    /// <summary>A plan with one fault of each of these rows, in this order.</summary>
    public static RoundPlan Of(int seed, params int[] rows)
    {
        var random = new Random(seed);
        return Of(seed, random, [.. rows.Select(row => FaultCatalogue.Draw(row, random))]);
    }

    private static RoundPlan Of(int seed, Random random, Fault[] faults)
    {
        var plan = new RoundPlan
        {
            Seed = seed,
            Faults = faults,
            Partitions = Math.Max(random.Next(1, 5), faults.Max(fault => fault.PartitionsMin)),
            Sinks = Math.Max(random.Next(1, FaultStand.SinksMax + 1), faults.Max(fault => fault.SinksMin)),
            Hosts = random.Next(4, 13),
            NewSeriesEvery = random.Next(3) == 0 ? random.Next(20, 200) : 0,
            DelayMilliseconds = random.Next(4) == 0 ? random.Next(1, 20) : 0,
            IsPooled = random.Next(5) == 0,
        };
        foreach (Fault fault in faults)
        {
            fault.Prepare(plan);
        }

        plan.Sinks = Math.Min(plan.Sinks, plan.Partitions);
        return plan;
    }
}
