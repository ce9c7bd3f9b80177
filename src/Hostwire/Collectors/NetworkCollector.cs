using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The interfaces of <c>/proc/net/dev</c> that are wanted, and how full the firewall's connection tracking table is.</summary>
public sealed class NetworkCollector(HostPaths paths, NameFilter? filter = null) : ICollector
{
    private static Metric Io { get; } = PerInterface("io", "By", "Bytes received or sent by the interface.");

    private static Metric Packets { get; } = PerInterface("packets", "{packets}", "Packets received or sent by the interface.");

    private static Metric Errors { get; } = PerInterface("errors", "{errors}", "Packets that the interface could not receive or send for an error.");

    private static Metric Dropped { get; } = PerInterface("dropped", "{packets}", "Packets dropped on receipt or before sending, although they had no error: buffers were full, or nobody wanted them.");

    private static Metric ConntrackCount { get; } = Conntrack("count", "Connections that the firewall is tracking.");

    private static Metric ConntrackMax { get; } = Conntrack("max", "How many connections the firewall can track; beyond it the kernel drops new ones.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "network",
        "Network interfaces: bytes, packets, errors and drops; how full the connection tracking table is.",
        IntervalSeconds: 10,
        [Io, Packets, Errors, Dropped, ConntrackCount, ConntrackMax],
        setup => new NetworkCollector(setup.Paths, setup.Interfaces));

    private readonly KernelFile _file = new(NetworkFiles.PathOf(paths, "dev"));
    private readonly KernelFile _conntrackCountFile = new($"{paths.Procfs}/sys/net/netfilter/nf_conntrack_count");
    private readonly KernelFile _conntrackMaxFile = new($"{paths.Procfs}/sys/net/netfilter/nf_conntrack_max");
    private readonly DeviceTable<Interface> _interfaces = new(name => new Interface(name), filter);
    private readonly Series _conntrackCount = new(ConntrackCount);
    private readonly Series _conntrackMax = new(ConntrackMax);

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        ReadOnlySpan<byte> content = _file.Read();
        if (!content.EndsWith("\n"u8))
        {
            throw new InvalidDataException($"{_file.Path} is empty or ends in the middle of a line.");
        }

        TakeHeading(ref content);
        TakeHeading(ref content);
        _interfaces.BeginPass();
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            if (!InterfaceStats.TryParse(line, out ReadOnlySpan<byte> name, out InterfaceStats stats))
            {
                throw new InvalidDataException($"{_file.Path} has a line that is not an interface's name and at least twelve numbers: \"{KernelText.ToText(line)}\".");
            }

            _interfaces.See(name)?.AddPoints(scrape, stats);
        }

        _interfaces.EndPass();
        AddConntrack(scrape, _conntrackCount, _conntrackCountFile);
        AddConntrack(scrape, _conntrackMax, _conntrackMaxFile);
    }

    private void TakeHeading(ref ReadOnlySpan<byte> content)
    {
        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line) || !line.Contains((byte)'|'))
        {
            throw new InvalidDataException($"{_file.Path} does not begin with its two lines of headings.");
        }
    }

    private static void AddConntrack(Scrape scrape, Series series, KernelFile file)
    {
        // The files come and go with the kernel module; without it nothing is tracked.
        if (!file.TryRead(out ReadOnlySpan<byte> content))
        {
            return;
        }

        if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line) || !KernelText.TryTakeNumber(ref line, out ulong value))
        {
            throw new InvalidDataException($"{file.Path} is not a number.");
        }

        scrape.AddCounter(series, value);
    }

    private static Metric PerInterface(string name, string unit, string description) => new()
    {
        Name = $"system.network.{name}",
        Unit = unit,
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = description,
        Source = "/proc/net/dev",
        AttributeKeys = ["device", "direction"],
    };

    private static Metric Conntrack(string name, string description) => new()
    {
        Name = $"system.network.conntrack.{name}",
        Unit = "{entries}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = description,
        Source = $"/proc/sys/net/netfilter/nf_conntrack_{name}",
    };

    /// <summary>The series of one interface.</summary>
    private sealed class Interface(string name)
    {
        private readonly Series _bytesReceived = new(Io, name, "receive");
        private readonly Series _bytesSent = new(Io, name, "transmit");
        private readonly Series _packetsReceived = new(Packets, name, "receive");
        private readonly Series _packetsSent = new(Packets, name, "transmit");
        private readonly Series _receiveErrors = new(Errors, name, "receive");
        private readonly Series _sendErrors = new(Errors, name, "transmit");
        private readonly Series _receiveDrops = new(Dropped, name, "receive");
        private readonly Series _sendDrops = new(Dropped, name, "transmit");

        public void AddPoints(Scrape scrape, in InterfaceStats stats)
        {
            scrape.AddCounter(_bytesReceived, stats.BytesReceived);
            scrape.AddCounter(_bytesSent, stats.BytesSent);
            scrape.AddCounter(_packetsReceived, stats.PacketsReceived);
            scrape.AddCounter(_packetsSent, stats.PacketsSent);
            scrape.AddCounter(_receiveErrors, stats.ReceiveErrors);
            scrape.AddCounter(_sendErrors, stats.SendErrors);
            scrape.AddCounter(_receiveDrops, stats.ReceiveDrops);
            scrape.AddCounter(_sendDrops, stats.SendDrops);
        }
    }
}
