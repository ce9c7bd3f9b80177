namespace Hostwire.Agent.Spool;

/// <summary>What a spool may take.</summary>
internal sealed record SpoolSettings
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>How many bytes of records are kept; beyond it the oldest are dropped.</summary>
    public required long BytesMax { get; init; }

    /// <summary>How many bytes of records are kept in memory while the file cannot be written.</summary>
    public required long MemoryBytesMax { get; init; }

    /// <summary>What is older is dropped.</summary>
    public required TimeSpan AgeMax { get; init; }

    /// <summary>How many bytes of records that are in the file are in memory too: of the newest, and again of those read back to be sent.</summary>
    public long WindowBytes { get; init; } = 1024 * 1024;

    /// <summary>A record that still waits is safe from a power cut after so long at most.</summary>
    public required TimeSpan SyncInterval { get; init; }
}
