namespace Hostwire.Agent;

/// <summary>Why a record was lost.</summary>
public enum DropReason
{
    /// <summary>The queue was full and the oldest had to make room, or it had waited longer than <c>agent.spool_max_age_hours</c>.</summary>
    QueueFull,

    /// <summary>The broker refused it for itself.</summary>
    Refused,

    /// <summary>The agent ended before a broker had it.</summary>
    Unsent,

    /// <summary>The spool's file was damaged, or rows had gone from it.</summary>
    SpoolDamaged,
}
