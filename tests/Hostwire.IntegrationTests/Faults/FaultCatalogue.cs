using Hostwire.IntegrationTests.Faults.Rows;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>The matrix: which faults there are for each row. The rows are those of docs/reliability.md.</summary>
internal static class FaultCatalogue
{
    private static readonly SortedDictionary<int, Func<Random, Fault>[]> Makers = new()
    {
        [1] = [random => new AgentKilled(random)],
        [2] = [random => new PowerCut(random), random => new SpoolRestored(random), random => new TwinAgents(random)],
        [3] = [random => new SpoolDamaged(random)],
        [4] = [random => new SpoolDisk(random)],
        [5] = [random => new ClockStep(random)],
        [6] = [random => new SpoolCapped(random)],
        [7] = [random => new AnswerLost(random), random => new RightWithdrawn(random, row: 7)],
        [8] = [random => new RecordTooLarge(random), random => new TopicMissing(random), random => new RightWithdrawn(random, row: 8)],
        [9] = [random => new BrokerGone(random), random => new BrokerFarAway(random)],
        [10] = [random => new RetentionPasses(random)],
        [11] = [random => new TopicMadeAgain(random)],
        [12] = [random => new Transactions(random)],
        [13] = [random => new SinkKilled(random)],
        [14] = [random => new SinkFrozen(random)],
        [15] = [random => new RebalanceStorm(random)],
        [16] = [random => new Poison(random)],
        [17] = [random => new DatabaseSlow(random)],
        [18] = [random => new DatabaseGone(random)],
        [19] = [random => new DatabaseCut(random)],
        [20] = [random => new DatabaseSetBack(random)],
        [21] = [random => new DatabaseRefuses(random)],
        [22] = [random => new PartitionMissing(random)],
        [23] = [random => new DictionaryRace(random)],
        [24] = [random => new OtherOrder(random)],
    };

    /// <summary>The rows.</summary>
    public static IReadOnlyList<int> Rows { get; } = [.. Makers.Keys];

    /// <summary>Draws a fault of a row.</summary>
    public static Fault Draw(int row, Random random) => Makers[row][random.Next(Makers[row].Length)](random);
}
