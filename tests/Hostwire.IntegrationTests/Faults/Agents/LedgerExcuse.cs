namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>Why a reading need not be in the database.</summary>
internal enum LedgerExcuse
{
    /// <summary>There is no reason: unless the agent has counted it as dropped, it is lost.</summary>
    None,

    /// <summary>The agent has left it out and said so: the command was not done in time.</summary>
    NotTaken,

    /// <summary>It lies within what is stated: the last of its command before a kill, or in the last seconds before a power cut.</summary>
    Window,

    /// <summary>It was read a moment before a kill, and not the last: the disk may have held up its writing, which no real interval would have let happen. It proves nothing.</summary>
    Doubt,
}
