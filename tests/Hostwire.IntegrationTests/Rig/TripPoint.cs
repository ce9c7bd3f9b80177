namespace Hostwire.IntegrationTests.Rig;

/// <summary>Where a <see cref="Tripwire"/> stops a connection.</summary>
public enum TripPoint
{
    /// <summary>The last of its texts has not gone through.</summary>
    BeforeText,

    /// <summary>The last of its texts has gone through, and so many bytes behind it.</summary>
    AfterText,

    /// <summary>Everything has gone through and the other side has answered, but none of the answer has arrived.</summary>
    BeforeAnswer,
}
