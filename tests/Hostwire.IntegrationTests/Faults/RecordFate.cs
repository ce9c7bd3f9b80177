namespace Hostwire.IntegrationTests.Faults;

/// <summary>What must become of a record that is on the topic.</summary>
internal enum RecordFate
{
    /// <summary>Every point of it is stored, once.</summary>
    Stored,

    /// <summary>It is a dead letter, once, and nothing of it is stored.</summary>
    Refused,

    /// <summary>It is a dead letter, or it says nothing: bytes at random may be a valid record without a point.</summary>
    RefusedOrEmpty,

    /// <summary>Its frames are in quarantine, once.</summary>
    Quarantined,

    /// <summary>Its transaction was aborted: nobody may see it.</summary>
    Aborted,
}
