using System.Text.Json.Serialization;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>One round as a line of JSON.</summary>
internal sealed record RoundReport
{
    /// <summary><c>ok</c>; <c>failed</c>; or <c>void</c>: nothing was amiss, but too little was accepted while a fault was on to prove anything.</summary>
    public required string Verdict { get; init; }

    /// <summary>The seed that draws this round again.</summary>
    public required int Seed { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The commit of the checkout; with <c>+</c> where files differ from it.</summary>
    public required string Commit { get; init; }

    /// <summary>The faults in their order.</summary>
    public required FaultReport[] Faults { get; init; }

    /// <summary>Partitions of the topic.</summary>
    public required int Partitions { get; init; }

    /// <summary>Sinks at the start.</summary>
    public required int Sinks { get; init; }

    /// <summary>Whether the sinks reached PostgreSQL through PgBouncer.</summary>
    public bool IsPooled { get; init; }

    /// <summary>Points acknowledged by the broker, or given to an agent.</summary>
    public long Accepted { get; init; }

    /// <summary>Those of them that were handed over while a fault was on.</summary>
    public long AcceptedUnderFault { get; init; }

    /// <summary>Points in the database.</summary>
    public long Stored { get; init; }

    /// <summary>Points that the product itself says are not stored: in gaps, in quarantine, dropped by an agent.</summary>
    public long DroppedAndCounted { get; init; }

    /// <summary>Points that are gone within what is stated: the reading in progress when an agent was killed, the last seconds before a power cut. Not among those accepted.</summary>
    public long WithinWindow { get; init; }

    /// <summary>Records set aside, as they had to be.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Points that came a second time, byte for byte.</summary>
    public long Duplicates { get; init; }

    /// <summary>Points that are nowhere.</summary>
    public long Lost { get; init; }

    /// <summary>Points stored more than once.</summary>
    public long Twice { get; init; }

    /// <summary>Points stored under a wrong host, series, time or value.</summary>
    public long Wrong { get; init; }

    /// <summary>Stored offsets that went back without leave.</summary>
    public long OffsetFaults { get; init; }

    /// <summary>The most memory of each process, in kilobytes.</summary>
    public required SortedDictionary<string, long> PeakKilobytes { get; init; }

    /// <summary>How long the round took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>What is amiss, in words.</summary>
    public required string[] Complaints { get; init; }

    /// <summary>What to run to see it again.</summary>
    public required string Replay { get; init; }
}

/// <summary>One fault of a round.</summary>
/// <param name="Row">The row of the matrix.</param>
/// <param name="Name">What it did.</param>
/// <param name="Parameters">How.</param>
internal sealed record FaultReport(int Row, string Name, IReadOnlyDictionary<string, string> Parameters);

/// <summary>How reports are written: a line each, camelCase.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RoundReport))]
internal sealed partial class RoundReportJson : JsonSerializerContext;
