namespace Hostwire.Collectors;

/// <summary>What <c>statvfs</c> says of a file system, in its own units: blocks and inodes.</summary>
internal readonly record struct FilesystemUsage
{
    /// <summary>The size of a block, in bytes; the counts below are in these (the fragment size, where the two differ).</summary>
    public required ulong BlockBytes { get; init; }

    public required ulong Blocks { get; init; }

    /// <summary>Free blocks, those kept for root included.</summary>
    public required ulong FreeBlocks { get; init; }

    /// <summary>Free blocks that anybody may use.</summary>
    public required ulong AvailableBlocks { get; init; }

    public required ulong Inodes { get; init; }

    public required ulong FreeInodes { get; init; }
}
