namespace Hostwire.Collectors;

/// <summary>What <c>/proc/meminfo</c> says, in bytes and in huge pages; null where the kernel does not say. Reused from reading to reading.</summary>
internal sealed class MemoryInfo
{
    private readonly NamedNumbers _numbers = new(
        "MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable", "SUnreclaim", "Dirty", "Shmem",
        "HugePages_Total", "HugePages_Free", "HugePages_Rsvd", "HugePages_Surp", "Hugepagesize");

    public long Total => _numbers[0] ?? 0;

    public long Free => _numbers[1] ?? 0;

    public long? Buffered => _numbers[3];

    /// <summary>The page cache and what the kernel's own caches would give back: the Collector counts the latter here too.</summary>
    public long? Cached => _numbers[4] + (SlabReclaimable ?? 0);

    public long? SlabReclaimable => _numbers[5];

    public long? SlabUnreclaimable => _numbers[6];

    public long? Dirty => _numbers[7];

    public long? Shared => _numbers[8];

    public long? HugePagesTotal => _numbers[9];

    public long? HugePagesFree => _numbers[10];

    public long? HugePagesReserved => _numbers[11];

    public long? HugePagesSurplus => _numbers[12];

    public long? HugePageSize => _numbers[13];

    /// <summary>The kernel's estimate; where a container's meminfo lacks it, what is free and what is cached, as the Collector does.</summary>
    public long Available => _numbers[2] ?? Free + (Cached ?? 0);

    /// <summary>All that is not available. A container's meminfo may have more available than there is.</summary>
    public long Used => Math.Max(0, Total - Available);

    /// <summary>Reads the file; false where it lacks what nothing can be said without.</summary>
    public bool TryParse(ReadOnlySpan<byte> content)
    {
        _numbers.Parse(content);
        return _numbers[0] > 0 && _numbers[1] is not null;
    }
}
