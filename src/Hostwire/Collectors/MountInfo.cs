namespace Hostwire.Collectors;

/// <summary>A line of <c>/proc/PID/mountinfo</c>, its fields as they stand there, escapes and all. Valid as long as the line.</summary>
internal readonly ref struct MountInfo
{
    /// <summary>Major and minor number of the file system's device, e.g. <c>254:0</c>.</summary>
    public required ReadOnlySpan<byte> DeviceNumber { get; init; }

    /// <summary>Which folder of the file system is mounted: <c>/</c>, or another one for bind mounts and btrfs subvolumes.</summary>
    public required ReadOnlySpan<byte> Root { get; init; }

    public required ReadOnlySpan<byte> MountPoint { get; init; }

    /// <summary>The type, e.g. <c>ext4</c>.</summary>
    public required ReadOnlySpan<byte> Type { get; init; }

    /// <summary>What is mounted: a device's path, the name of a ZFS data set, or a word that means nothing.</summary>
    public required ReadOnlySpan<byte> Source { get; init; }

    /// <summary>Whether the mount or the file system is read-only: since Linux 2.6.16 each can be by itself.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>Whether it shows a folder of a file system that is (or was) mounted as a whole elsewhere.</summary>
    public required bool IsBind { get; init; }

    /// <summary>Reads <c>36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/root rw,errors=continue</c>.</summary>
    /// <returns>False where the line has no separator or too few fields.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out MountInfo mount)
    {
        int separator = line.IndexOf(" - "u8);
        if (separator < 0)
        {
            mount = default;
            return false;
        }

        ReadOnlySpan<byte> left = line[..separator];
        ReadOnlySpan<byte> right = line[(separator + 3)..];
        KernelText.TakeUntil(ref left, (byte)' ');
        KernelText.TakeUntil(ref left, (byte)' ');
        ReadOnlySpan<byte> deviceNumber = KernelText.TakeUntil(ref left, (byte)' ');
        ReadOnlySpan<byte> root = KernelText.TakeUntil(ref left, (byte)' ');
        ReadOnlySpan<byte> mountPoint = KernelText.TakeUntil(ref left, (byte)' ');
        ReadOnlySpan<byte> options = KernelText.TakeUntil(ref left, (byte)' ');
        ReadOnlySpan<byte> type = KernelText.TakeUntil(ref right, (byte)' ');
        ReadOnlySpan<byte> source = KernelText.TakeUntil(ref right, (byte)' ');
        ReadOnlySpan<byte> superOptions = right;
        mount = new MountInfo
        {
            DeviceNumber = deviceNumber,
            Root = root,
            MountPoint = mountPoint,
            Type = type,
            Source = source,
            IsReadOnly = HasOption(options, "ro"u8) || HasOption(superOptions, "ro"u8),
            IsBind = !root.SequenceEqual("/"u8) && !IsSubvolume(root, superOptions),
        };
        return !mountPoint.IsEmpty && !type.IsEmpty;
    }

    // A btrfs subvolume names itself in its options; a bind mount of a folder inside one has a longer root than that.
    private static bool IsSubvolume(ReadOnlySpan<byte> root, ReadOnlySpan<byte> superOptions)
    {
        while (!superOptions.IsEmpty)
        {
            ReadOnlySpan<byte> option = KernelText.TakeUntil(ref superOptions, (byte)',');
            if (option.StartsWith("subvol="u8) && option["subvol=".Length..].SequenceEqual(root))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasOption(ReadOnlySpan<byte> options, ReadOnlySpan<byte> wanted)
    {
        while (!options.IsEmpty)
        {
            if (KernelText.TakeUntil(ref options, (byte)',').SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }
}
