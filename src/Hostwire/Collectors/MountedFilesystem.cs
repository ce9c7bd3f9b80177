using System.Text;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>A mount: where to ask for its usage, and its series.</summary>
internal sealed class MountedFilesystem
{
    private readonly byte[] _source;
    private readonly byte[] _type;
    private readonly bool _isReadOnly;
    private readonly byte[] _path;
    private readonly Series _used;
    private readonly Series _free;
    private readonly Series _reserved;
    private readonly Series _inodesUsed;
    private readonly Series _inodesFree;
    private readonly Series _utilization;

    /// <summary>Makes it from a line of <c>mountinfo</c>, of which it keeps nothing.</summary>
    public MountedFilesystem(MountInfo mount, HostPaths paths)
    {
        _source = mount.Source.ToArray();
        _type = mount.Type.ToArray();
        _isReadOnly = mount.IsReadOnly;
        byte[] mountPoint = KernelText.Unescape(mount.MountPoint);
        _path = [.. Encoding.UTF8.GetBytes(paths.Rootfs.TrimEnd('/')), .. mountPoint, 0];
        MountPoint = KernelText.ToText(mountPoint);
        string device = DeviceOf(mount, paths);
        string mode = _isReadOnly ? "ro" : "rw";
        string type = KernelText.ToText(_type);
        _used = new Series(FilesystemCollector.Usage, device, mode, MountPoint, "used", type);
        _free = new Series(FilesystemCollector.Usage, device, mode, MountPoint, "free", type);
        _reserved = new Series(FilesystemCollector.Usage, device, mode, MountPoint, "reserved", type);
        _inodesUsed = new Series(FilesystemCollector.InodesUsage, device, mode, MountPoint, "used", type);
        _inodesFree = new Series(FilesystemCollector.InodesUsage, device, mode, MountPoint, "free", type);
        _utilization = new Series(FilesystemCollector.Utilization, device, mode, MountPoint, type);
    }

    /// <summary>Where it is mounted, on the host.</summary>
    public string MountPoint { get; }

    /// <summary>Where to ask for its usage, under the root given; ends in NUL.</summary>
    public ReadOnlySpan<byte> Path => _path;

    /// <summary>What the last question for its usage ended with: 0, or an error number.</summary>
    public int LastError { get; set; }

    /// <summary>Whether a line for the same mount point is about this mount, unchanged.</summary>
    public bool Is(MountInfo mount) =>
        mount.Source.SequenceEqual(_source) && mount.Type.SequenceEqual(_type) && mount.IsReadOnly == _isReadOnly;

    /// <summary>Adds its points. A file system without blocks has no sizes; one without a number of inodes (btrfs, FAT) makes them as it needs them.</summary>
    public void AddPoints(Scrape scrape, in FilesystemUsage usage)
    {
        if (usage.Blocks > 0 && usage.FreeBlocks <= usage.Blocks)
        {
            long block = (long)usage.BlockBytes;
            long used = (long)(usage.Blocks - usage.FreeBlocks) * block;
            long free = (long)usage.AvailableBlocks * block;
            scrape.Add(_used, used);
            scrape.Add(_free, free);

            // Signed, for a file system may offer users more than is free; so the three always add up to its size.
            scrape.Add(_reserved, ((long)usage.FreeBlocks * block) - free);
            if (used + free > 0)
            {
                scrape.Add(_utilization, Ratio.Of(used, used + free));
            }
        }

        if (usage.Inodes > 0 && usage.FreeInodes <= usage.Inodes)
        {
            scrape.AddCounter(_inodesUsed, usage.Inodes - usage.FreeInodes);
            scrape.AddCounter(_inodesFree, usage.FreeInodes);
        }
    }

    /// <summary>The device as <c>/proc/diskstats</c> knows it, where that can be found out: <c>/dev/mapper/vg-root</c> is a link to <c>/dev/dm-0</c>, and <c>/dev/root</c> no device at all.</summary>
    private static string DeviceOf(MountInfo mount, HostPaths paths)
    {
        string device = KernelText.ToText(KernelText.Unescape(mount.Source));
        if (device.StartsWith("/dev/mapper/", StringComparison.Ordinal))
        {
            string? target = new FileInfo($"{paths.Rootfs.TrimEnd('/')}{device}").LinkTarget;
            return target is null ? device : System.IO.Path.GetFullPath(target, "/dev/mapper");
        }

        if (string.Equals(device, "/dev/root", StringComparison.Ordinal))
        {
            string? target = new FileInfo($"{paths.Sysfs}/dev/block/{KernelText.ToText(mount.DeviceNumber)}").LinkTarget;
            return target is null ? device : $"/dev/{System.IO.Path.GetFileName(target)}";
        }

        return device;
    }
}
