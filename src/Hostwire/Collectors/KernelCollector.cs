using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>What the kernel can run out of: file handles, and on older kernels entropy.</summary>
public sealed class KernelCollector(HostPaths paths) : ICollector
{
    // Kernels with the random number generator of 5.18 (and those that took it over: 5.10.119, 5.15.44) say 256 bits, full, for ever: nothing waits for entropy there.
    private const ulong ConstantPoolBits = 256;

    private static Metric FileHandles { get; } = new()
    {
        Name = "hostwire.file_handles.usage",
        Unit = "{handle}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "File handles in use on the whole host: open files, sockets, pipes.",
        Source = "/proc/sys/fs/file-nr",
    };

    private static Metric FileHandlesLimit { get; } = new()
    {
        Name = "hostwire.file_handles.limit",
        Unit = "{handle}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "How many file handles the host may use (fs.file-max); absent where that is no limit.",
        Source = "/proc/sys/fs/file-nr",
    };

    private static Metric Entropy { get; } = new()
    {
        Name = "hostwire.entropy.available",
        Unit = "bit",
        Kind = MetricKind.Gauge,
        IsInteger = true,
        Description = "Entropy in the kernel's pool; only on kernels where it can run out (before 5.18).",
        Source = "/proc/sys/kernel/random/entropy_avail, /proc/sys/kernel/random/poolsize",
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "kernel",
        "File handles of the whole host; entropy, on kernels where it can run out.",
        IntervalSeconds: 30,
        [FileHandles, FileHandlesLimit, Entropy],
        setup => new KernelCollector(setup.Paths));

    private readonly KernelFile _fileNr = new($"{paths.Procfs}/sys/fs/file-nr", bufferBytes: 128);
    private readonly KernelFile _entropyFile = new($"{paths.Procfs}/sys/kernel/random/entropy_avail", bufferBytes: 64);
    private readonly KernelFile _poolSizeFile = new($"{paths.Procfs}/sys/kernel/random/poolsize", bufferBytes: 64);
    private readonly Series _fileHandles = new(FileHandles);
    private readonly Series _fileHandlesLimit = new(FileHandlesLimit);
    private readonly Series _entropy = new(Entropy);
    private bool? _canRunOutOfEntropy;

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        if (_fileNr.TryRead(out ReadOnlySpan<byte> content))
        {
            CollectFileHandles(content, scrape);
        }

        // A property of the kernel: asked once.
        _canRunOutOfEntropy ??= TryReadNumber(_poolSizeFile, out ulong bits) && bits > ConstantPoolBits;
        if (_canRunOutOfEntropy.Value && TryReadNumber(_entropyFile, out ulong entropy))
        {
            scrape.AddCounter(_entropy, entropy);
        }
    }

    /// <summary>Reads <c>1148 0 2465975</c>: allocated, of those free (0 since Linux 2.6), the limit.</summary>
    private void CollectFileHandles(ReadOnlySpan<byte> content, Scrape scrape)
    {
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line)
            || !KernelText.TryTakeNumber(ref line, out ulong allocated)
            || !KernelText.TryTakeNumber(ref line, out ulong free)
            || !KernelText.TryTakeNumber(ref line, out ulong limit)
            || free > allocated)
        {
            throw new InvalidDataException($"{_fileNr.Path} is not three numbers: allocated, free and the limit.");
        }

        scrape.AddCounter(_fileHandles, allocated - free);

        // systemd sets the greatest number there is, and means that there is no limit.
        if (limit < long.MaxValue)
        {
            scrape.AddCounter(_fileHandlesLimit, limit);
        }
    }

    private static bool TryReadNumber(KernelFile file, out ulong number)
    {
        number = 0;
        return file.TryRead(out ReadOnlySpan<byte> content)
            && KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line)
            && KernelText.TryTakeNumber(ref line, out number);
    }
}
