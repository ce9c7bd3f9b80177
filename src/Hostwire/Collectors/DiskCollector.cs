using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The disks and partitions of <c>/proc/diskstats</c>; those that have never done anything are left out, as the OpenTelemetry Collector does, and those that are not wanted.</summary>
public sealed class DiskCollector(HostPaths paths, NameFilter? filter = null) : ICollector
{
    private static Metric Io { get; } = Count("io", "By", "Bytes read from or written to the disk.");

    private static Metric Operations { get; } = Count("operations", "{operations}", "Reads or writes that the disk has completed.");

    private static Metric Merged { get; } = Count("merged", "{operations}", "Reads or writes that were joined to a neighbouring one before they went to the disk.");

    private static Metric OperationTime { get; } = Seconds("operation_time", ["device", "direction"], "Time that reads or writes took, summed over all of them, waiting in the queue included.");

    private static Metric IoTime { get; } = Seconds("io_time", ["device"], "Time in which the disk had at least one operation under way.");

    private static Metric WeightedIoTime { get; } = Seconds("weighted_io_time", ["device"], "Time in which the disk had operations under way, times their number: its growth per second is the mean queue length.");

    private static Metric PendingOperations { get; } = new()
    {
        Name = "system.disk.pending_operations",
        Unit = "{operations}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "Operations under way at the moment of reading.",
        Source = "/proc/diskstats",
        AttributeKeys = ["device"],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "disk",
        "Disks and partitions: bytes, operations, time spent and queue length.",
        IntervalSeconds: 10,
        [Io, Operations, Merged, OperationTime, IoTime, WeightedIoTime, PendingOperations],
        setup => new DiskCollector(setup.Paths, setup.Disks));

    private readonly KernelFile _file = new($"{paths.Procfs}/diskstats");
    private readonly DeviceTable<Disk> _disks = new(device => new Disk(device), filter);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        // A kernel without block devices has no such file, and so no disks.
        if (!_file.TryRead(out ReadOnlySpan<byte> content))
        {
            return;
        }

        if (!content.IsEmpty && !content.EndsWith("\n"u8))
        {
            throw new InvalidDataException($"{_file.Path} ends in the middle of a line.");
        }

        _disks.BeginPass();
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            if (!DiskStats.TryParse(line, out ReadOnlySpan<byte> device, out DiskStats stats))
            {
                throw new InvalidDataException($"{_file.Path} has a line that is not a device's name and at least eleven numbers: \"{KernelText.ToText(line)}\".");
            }

            if (!stats.IsUnused && _disks.See(device) is { } disk)
            {
                disk.AddPoints(scrape, stats);
            }
        }

        _disks.EndPass();
    }

    private static Metric Count(string name, string unit, string description) => new()
    {
        Name = $"system.disk.{name}",
        Unit = unit,
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = description,
        Source = "/proc/diskstats",
        AttributeKeys = ["device", "direction"],
    };

    private static Metric Seconds(string name, string[] attributeKeys, string description) => new()
    {
        Name = $"system.disk.{name}",
        Unit = "s",
        Kind = MetricKind.Counter,
        IsInteger = false,
        Description = description,
        Source = "/proc/diskstats",
        AttributeKeys = attributeKeys,
    };

    /// <summary>The series of one disk.</summary>
    private sealed class Disk(string device)
    {
        private readonly Series _bytesRead = new(Io, device, "read");
        private readonly Series _bytesWritten = new(Io, device, "write");
        private readonly Series _reads = new(Operations, device, "read");
        private readonly Series _writes = new(Operations, device, "write");
        private readonly Series _readsMerged = new(Merged, device, "read");
        private readonly Series _writesMerged = new(Merged, device, "write");
        private readonly Series _readTime = new(OperationTime, device, "read");
        private readonly Series _writeTime = new(OperationTime, device, "write");
        private readonly Series _busyTime = new(IoTime, device);
        private readonly Series _weightedTime = new(WeightedIoTime, device);
        private readonly Series _pending = new(PendingOperations, device);

        public void AddPoints(Scrape scrape, in DiskStats stats)
        {
            scrape.AddCounter(_bytesRead, stats.SectorsRead, DiskStats.SectorBytes);
            scrape.AddCounter(_bytesWritten, stats.SectorsWritten, DiskStats.SectorBytes);
            scrape.AddCounter(_reads, stats.Reads);
            scrape.AddCounter(_writes, stats.Writes);
            scrape.AddCounter(_readsMerged, stats.ReadsMerged);
            scrape.AddCounter(_writesMerged, stats.WritesMerged);
            scrape.Add(_readTime, stats.ReadMilliseconds / 1000.0);
            scrape.Add(_writeTime, stats.WriteMilliseconds / 1000.0);
            scrape.Add(_busyTime, stats.BusyMilliseconds / 1000.0);
            scrape.Add(_weightedTime, stats.WeightedMilliseconds / 1000.0);
            scrape.AddCounter(_pending, stats.InFlight);
        }
    }
}
