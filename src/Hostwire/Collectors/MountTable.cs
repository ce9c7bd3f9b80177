namespace Hostwire.Collectors;

/// <summary>The mounts of a host whose usage is worth a row, read from <c>mountinfo</c> when that has changed.</summary>
/// <remarks>
/// As the OpenTelemetry Collector does by default: types that need a device (those that <c>/proc/filesystems</c> does not mark <c>nodev</c>)
/// and ZFS, bind mounts left out. So network file systems are not asked, and a dead one cannot hang the reading of the local ones. Besides,
/// the root is taken whatever its type: in a container it is an overlay, and a host without any file system says nothing. Types and mount points
/// may be chosen by name; where types are, it does not matter what they need.
/// </remarks>
internal sealed class MountTable(CollectorSetup setup)
{
    private readonly KernelFile _mountInfo = new(PathOf(setup.Paths));
    private readonly KernelFile _types = new($"{setup.Paths.Procfs}/filesystems");
    private Dictionary<byte[], MountedFilesystem> _mounts = new(ByteStringComparer.Instance);
    private byte[]? _content;

    /// <summary>The mounts as they are now; allocates only when they are others than the last time. A mount that has stayed is the same object.</summary>
    /// <param name="haveChanged">Whether they are others.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A line is not of the form expected.</exception>
    public Dictionary<byte[], MountedFilesystem>.ValueCollection Read(out bool haveChanged)
    {
        ReadOnlySpan<byte> content = _mountInfo.Read();
        haveChanged = _content is null || !content.SequenceEqual(_content);
        if (haveChanged)
        {
            _mounts = Parse(content);
            _content = content.ToArray();
        }

        return _mounts.Values;
    }

    private Dictionary<byte[], MountedFilesystem> Parse(ReadOnlySpan<byte> content)
    {
        HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> deviceTypes = ParseDeviceTypes(_types.Read()).GetAlternateLookup<ReadOnlySpan<byte>>();
        Dictionary<byte[], MountedFilesystem>.AlternateLookup<ReadOnlySpan<byte>> before = _mounts.GetAlternateLookup<ReadOnlySpan<byte>>();
        var mounts = new Dictionary<byte[], MountedFilesystem>(ByteStringComparer.Instance);
        Dictionary<byte[], MountedFilesystem>.AlternateLookup<ReadOnlySpan<byte>> now = mounts.GetAlternateLookup<ReadOnlySpan<byte>>();
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            if (!MountInfo.TryParse(line, out MountInfo mount))
            {
                throw new InvalidDataException($"{_mountInfo.Path} has a line that is not a mount: \"{KernelText.ToText(line)}\".");
            }

            // Of several mounts on one point only the last can be reached: statvfs would give its figures for the others too.
            bool isOfType = mount.MountPoint.SequenceEqual("/"u8) || (!mount.IsBind && IsTypeTaken(mount.Type, deviceTypes.Contains(mount.Type)));
            if (!isOfType || !setup.Mounts.Takes(KernelText.ToText(KernelText.Unescape(mount.MountPoint))))
            {
                now.Remove(mount.MountPoint);
            }
            else if (before.TryGetValue(mount.MountPoint, out MountedFilesystem? known) && known.Is(mount))
            {
                now[mount.MountPoint] = known;
            }
            else
            {
                now[mount.MountPoint] = new MountedFilesystem(mount, setup.Paths);
            }
        }

        return mounts;
    }

    private bool IsTypeTaken(ReadOnlySpan<byte> type, bool needsDevice) =>
        (needsDevice || setup.Filesystems.IsSelective) && setup.Filesystems.Takes(KernelText.ToText(type));

    /// <summary>The types that need a device, from lines such as <c>nodev⇥tmpfs</c> and <c>⇥ext4</c>; and ZFS, which manages its devices itself and is marked as needing none.</summary>
    private static HashSet<byte[]> ParseDeviceTypes(ReadOnlySpan<byte> content)
    {
        var types = new HashSet<byte[]>(ByteStringComparer.Instance) { "zfs"u8.ToArray() };
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            if (KernelText.TakeUntil(ref line, (byte)'\t').IsEmpty)
            {
                types.Add(line.ToArray());
            }
        }

        return types;
    }

    // The host's first process sees the host's mounts; ours may be a service with a private view of them. It is hidden from us under hidepid=2.
    private static string PathOf(HostPaths paths)
    {
        string ofFirstProcess = $"{paths.Procfs}/1/mountinfo";
        return File.Exists(ofFirstProcess) ? ofFirstProcess : $"{paths.Procfs}/self/mountinfo";
    }
}
