namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The steps of a batch's transaction, as they are seen on the wire.</summary>
internal enum BatchStep
{
    /// <summary>The offset has been moved in the open transaction; nothing has been copied.</summary>
    AfterCompareAndSet,

    /// <summary>A part of the frames is on the server.</summary>
    InMidCopy,

    /// <summary>Everything is on the server, and not committed.</summary>
    BeforeCommit,

    /// <summary>It is committed, and the sink does not know.</summary>
    AfterCommit,
}
