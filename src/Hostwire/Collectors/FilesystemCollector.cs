using System.Runtime.InteropServices;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>How full the mounted file systems are, asked of each by <c>statvfs</c>.</summary>
/// <remarks>A mount that cannot be asked is left out of the scrape and named in <see cref="LeftOut"/>; the others are not affected.</remarks>
public sealed class FilesystemCollector : ICollector
{
    private const string Source = "/proc/1/mountinfo, statvfs";

    private readonly MountTable _mounts;
    private readonly ReadUsage _readUsage;

    /// <summary>Makes one that asks the system.</summary>
    public FilesystemCollector(CollectorSetup setup)
        : this(setup, Statvfs.Read)
    {
    }

    /// <summary>Makes one that asks <paramref name="readUsage"/>, for tests.</summary>
    internal FilesystemCollector(CollectorSetup setup, ReadUsage readUsage)
    {
        _mounts = new MountTable(setup);
        _readUsage = readUsage;
    }

    /// <summary>Asks for the usage of the file system that holds the path, whose bytes end in NUL; returns 0 or an error number.</summary>
    internal delegate int ReadUsage(ReadOnlySpan<byte> path, out FilesystemUsage usage);

    internal static Metric Usage { get; } = new()
    {
        Name = "system.filesystem.usage",
        Unit = "By",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Bytes of the file system that are used, free for anybody, or reserved for root; together its size.",
        Source = Source,
        AttributeKeys = ["device", "mode", "mountpoint", "state", "type"],
    };

    internal static Metric InodesUsage { get; } = new()
    {
        Name = "system.filesystem.inodes.usage",
        Unit = "{inodes}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Inodes (files and folders) of the file system that are used or free; not for those that have no fixed number.",
        Source = Source,
        AttributeKeys = ["device", "mode", "mountpoint", "state", "type"],
    };

    internal static Metric Utilization { get; } = new()
    {
        Name = "system.filesystem.utilization",
        Unit = "1",
        Kind = MetricKind.Gauge,
        IsInteger = false,
        Description = "Used bytes as a fraction of those that are used or free for anybody, 0 to 1, as df shows it.",
        Source = Source,
        AttributeKeys = ["device", "mode", "mountpoint", "type"],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "filesystem",
        "Mounted file systems that lie on a device, and the root: bytes and inodes used, free and reserved.",
        IntervalSeconds: 30,
        [Usage, InodesUsage, Utilization],
        setup => new FilesystemCollector(setup));

    /// <inheritdoc/>
    public string? LeftOut { get; private set; }

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        Dictionary<byte[], MountedFilesystem>.ValueCollection mounts = _mounts.Read(out bool failuresHaveChanged);
        foreach (MountedFilesystem mount in mounts)
        {
            int error = _readUsage(mount.Path, out FilesystemUsage usage);
            if (error == 0)
            {
                mount.AddPoints(scrape, usage);
            }

            failuresHaveChanged |= error != mount.LastError;
            mount.LastError = error;
        }

        if (failuresHaveChanged)
        {
            LeftOut = Describe(mounts.Where(mount => mount.LastError != 0));
        }
    }

    private static string? Describe(IEnumerable<MountedFilesystem> failed)
    {
        string mounts = string.Join(", ", failed.Select(mount => $"{mount.MountPoint} ({Marshal.GetPInvokeErrorMessage(mount.LastError)})"));
        return mounts.Length == 0 ? null : $"the usage of these mounts cannot be read: {mounts}";
    }
}
