namespace Hostwire.Sink;

/// <summary>What a replay of dead letters came to.</summary>
internal sealed class ReplayReport
{
    /// <summary>How many there were.</summary>
    public required long Found { get; init; }

    /// <summary>How many of them have no payload any more, or never had, and so were not tried.</summary>
    public required long WithoutPayload { get; init; }

    /// <summary>Stored, and no dead letters any more.</summary>
    public long Stored { get; private set; }

    /// <summary>Refused again.</summary>
    public long Refused { get; private set; }

    /// <summary>Frames that were added.</summary>
    public long Frames { get; private set; }

    /// <summary>Frames that were stored already, with the same values or with others.</summary>
    public long FramesKnown { get; private set; }

    /// <summary>Frames whose time lies outside of what is kept.</summary>
    public long Quarantined { get; private set; }

    /// <summary>Somebody else took them meanwhile: another replay, or retention.</summary>
    public long Gone => Found - WithoutPayload - Stored - Refused;

    /// <summary>Adds what one transaction did.</summary>
    public void Add(in BatchOutcome outcome)
    {
        Stored += outcome.Records - outcome.DeadLetters;
        Refused += outcome.DeadLetters;
        Frames += outcome.Frames;
        FramesKnown += outcome.Duplicates + outcome.Conflicts;
        Quarantined += outcome.Quarantined;
    }
}
