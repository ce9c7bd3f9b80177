using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>The disks of a host. What a disk has done is what its partitions have done together, to the byte.</summary>
internal sealed class SimulatedDisks : ISimulatedSource
{
    private const long SectorBytes = 512;

    private readonly Kit _kit;
    private readonly Counters[] _devices;

    public SimulatedDisks(Kit kit)
    {
        _kit = kit;
        _devices = new Counters[kit.Devices.Length];
    }

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        // A disk stands before its partitions, as in /proc/diskstats.
        for (int first = 0; first < _devices.Length; first += 1 + _kit.Devices[first].Partitions)
        {
            Device disk = _kit.Devices[first];
            _devices[first].Pending = 0;
            if (disk.Partitions == 0)
            {
                Work(ref _devices[first], disk, moment, share: 1);
            }

            for (int number = 1; number <= disk.Partitions; number++)
            {
                Counters before = _devices[first + number];

                // The second partition holds the data, where there is one; the others next to nothing.
                Work(ref _devices[first + number], disk, moment, share: number == Math.Min(2, disk.Partitions) ? 1 : 0.01);
                _devices[first].Add(_devices[first + number], before);
            }

            for (int number = 0; number <= disk.Partitions; number++)
            {
                AddPoints(_kit.Devices[first + number], _devices[first + number], scrape);
            }
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random) => Array.Clear(_devices);

    private static void Work(ref Counters device, Device disk, in HostMoment moment, double share)
    {
        SeededRandom random = moment.Random;
        double operations = disk.Shape.OperationsPerSecond * share * moment.Seconds * ((0.9 * moment.Activity) + 0.01);
        long reads = random.Count(operations * random.Between(0.2, 0.5));
        long writes = random.Count(operations * random.Between(0.4, 0.8));

        // Files are read and written in blocks of 4 KiB, and a few of them at a time.
        device.SectorsRead += 8 * random.Count(reads * random.Between(1, 8));
        device.SectorsWritten += 8 * random.Count(writes * random.Between(1, 12));
        device.Reads += reads;
        device.Writes += writes;
        device.ReadsMerged += random.Count(reads * 0.05);
        device.WritesMerged += random.Count(writes * random.Between(0.2, 0.6));
        long readMilliseconds = random.Count(reads * disk.Shape.Milliseconds * random.Between(0.5, 1.5));
        long writeMilliseconds = random.Count(writes * disk.Shape.Milliseconds * random.Between(0.7, 2.5));
        device.ReadMilliseconds += readMilliseconds;
        device.WriteMilliseconds += writeMilliseconds;
        device.WeightedMilliseconds += readMilliseconds + writeMilliseconds;
        device.BusyMilliseconds += (long)Math.Min(moment.Seconds * 1000 * 0.99, (readMilliseconds + writeMilliseconds) * 0.4);
        device.Pending = random.Count(moment.Activity * share * random.Unit());
    }

    private static void AddPoints(Device device, in Counters counters, Scrape scrape)
    {
        scrape.Add(device.Io[0], counters.SectorsRead * SectorBytes);
        scrape.Add(device.Io[1], counters.SectorsWritten * SectorBytes);
        scrape.Add(device.Operations[0], counters.Reads);
        scrape.Add(device.Operations[1], counters.Writes);
        scrape.Add(device.Merged[0], counters.ReadsMerged);
        scrape.Add(device.Merged[1], counters.WritesMerged);
        scrape.Add(device.OperationTime[0], counters.ReadMilliseconds / 1000.0);
        scrape.Add(device.OperationTime[1], counters.WriteMilliseconds / 1000.0);
        scrape.Add(device.IoTime, counters.BusyMilliseconds / 1000.0);
        scrape.Add(device.WeightedIoTime, counters.WeightedMilliseconds / 1000.0);
        scrape.Add(device.Pending, counters.Pending);
    }

    /// <summary>What the hosts of a shape share.</summary>
    internal sealed class Kit(HostShape shape, SeriesBook book)
    {
        /// <summary>Each disk, followed by its partitions.</summary>
        public Device[] Devices { get; } =
        [
            .. shape.Disks.SelectMany(disk => disk.Partitions.Prepend(disk.Name).Select(name => new Device(disk, name, book))),
        ];
    }

    /// <summary>A disk or a partition.</summary>
    internal sealed class Device(DiskShape shape, string name, SeriesBook book)
    {
        public DiskShape Shape { get; } = shape;

        /// <summary>How many partitions follow; 0 of a partition.</summary>
        public int Partitions { get; } = string.Equals(shape.Name, name, StringComparison.Ordinal) ? shape.Partitions.Length : 0;

        public Series[] Io { get; } = Both("io", name, book);

        public Series[] Operations { get; } = Both("operations", name, book);

        public Series[] Merged { get; } = Both("merged", name, book);

        public Series[] OperationTime { get; } = Both("operation_time", name, book);

        public Series IoTime { get; } = book.Make("system.disk.io_time", name);

        public Series WeightedIoTime { get; } = book.Make("system.disk.weighted_io_time", name);

        public Series Pending { get; } = book.Make("system.disk.pending_operations", name);

        private static Series[] Both(string what, string name, SeriesBook book) =>
            [book.Make($"system.disk.{what}", name, "read"), book.Make($"system.disk.{what}", name, "write")];
    }

    private struct Counters
    {
        public long SectorsRead;
        public long SectorsWritten;
        public long Reads;
        public long Writes;
        public long ReadsMerged;
        public long WritesMerged;
        public long ReadMilliseconds;
        public long WriteMilliseconds;
        public long BusyMilliseconds;
        public long WeightedMilliseconds;
        public long Pending;

        /// <summary>Adds what a partition has done between two readings.</summary>
        public void Add(in Counters now, in Counters before)
        {
            SectorsRead += now.SectorsRead - before.SectorsRead;
            SectorsWritten += now.SectorsWritten - before.SectorsWritten;
            Reads += now.Reads - before.Reads;
            Writes += now.Writes - before.Writes;
            ReadsMerged += now.ReadsMerged - before.ReadsMerged;
            WritesMerged += now.WritesMerged - before.WritesMerged;
            ReadMilliseconds += now.ReadMilliseconds - before.ReadMilliseconds;
            WriteMilliseconds += now.WriteMilliseconds - before.WriteMilliseconds;
            BusyMilliseconds += now.BusyMilliseconds - before.BusyMilliseconds;
            WeightedMilliseconds += now.WeightedMilliseconds - before.WeightedMilliseconds;
            Pending += now.Pending;
        }
    }
}
