using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>What went wrong on the way: TCP retransmits, resets and listen drops, UDP errors, from <c>/proc/net/snmp</c>, <c>netstat</c> and <c>snmp6</c>.</summary>
public sealed class ProtocolsCollector(HostPaths paths) : ICollector
{
    private static Metric TcpSegments { get; } = Count("tcp.segments", "{segment}", "/proc/net/snmp", "TCP segments received or sent, retransmitted ones not included.", "direction");

    private static Metric TcpRetransmits { get; } = Count("tcp.retransmits", "{segment}", "/proc/net/snmp", "TCP segments that were sent again.");

    private static Metric TcpReceiveErrors { get; } = Count("tcp.receive_errors", "{segment}", "/proc/net/snmp", "TCP segments received with an error, such as a wrong checksum.");

    private static Metric TcpFailedAttempts { get; } = Count("tcp.failed_attempts", "{connection}", "/proc/net/snmp", "TCP connections that failed while they were being opened, from either side.");

    private static Metric TcpEstablishedResets { get; } = Count("tcp.established_resets", "{connection}", "/proc/net/snmp", "Open TCP connections that ended by a reset.");

    private static Metric TcpResetsSent { get; } = Count("tcp.resets_sent", "{segment}", "/proc/net/snmp", "TCP resets sent, mostly to clients that ask for a port nobody listens on.");

    private static Metric TcpListenOverflows { get; } = Count("tcp.listen_overflows", "{connection}", "/proc/net/netstat", "Connections dropped because a program did not accept them fast enough: the queue of its listening socket was full.");

    private static Metric TcpListenDrops { get; } = Count("tcp.listen_drops", "{connection}", "/proc/net/netstat", "Connections that a listening socket dropped for whatever reason, overflows included.");

    private static Metric UdpDatagrams { get; } = Udp("datagrams", "UDP datagrams delivered to programs, or sent.", "direction");

    private static Metric UdpReceiveErrors { get; } = Udp("receive_errors", "UDP datagrams that could not be delivered for another reason than a missing program; full buffers included.");

    private static Metric UdpReceiveBufferErrors { get; } = Udp("receive_buffer_errors", "UDP datagrams dropped because the program did not read fast enough: the receive buffer of its socket was full.");

    private static Metric UdpSendBufferErrors { get; } = Udp("send_buffer_errors", "UDP datagrams that could not be sent because a send buffer was full.");

    private static Metric UdpNoPorts { get; } = Udp("no_ports", "UDP datagrams for a port on which nobody listens.");

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "protocols",
        "TCP retransmits, resets and listen drops; UDP errors.",
        IntervalSeconds: 30,
        [
            TcpSegments, TcpRetransmits, TcpReceiveErrors, TcpFailedAttempts, TcpEstablishedResets, TcpResetsSent, TcpListenOverflows, TcpListenDrops,
            UdpDatagrams, UdpReceiveErrors, UdpReceiveBufferErrors, UdpSendBufferErrors, UdpNoPorts,
        ],
        setup => new ProtocolsCollector(setup.Paths));

    private readonly KernelFile _snmp = new(NetworkFiles.PathOf(paths, "snmp"));
    private readonly KernelFile _netstat = new(NetworkFiles.PathOf(paths, "netstat"), bufferBytes: 8192);
    private readonly KernelFile _snmp6 = new(NetworkFiles.PathOf(paths, "snmp6"), bufferBytes: 8192);

    // The numbers of each file, and the series in the same order.
    private readonly ProtocolCounters _snmpCounters = new(
        "Tcp:InSegs", "Tcp:OutSegs", "Tcp:RetransSegs", "Tcp:InErrs", "Tcp:AttemptFails", "Tcp:EstabResets", "Tcp:OutRsts",
        "Udp:InDatagrams", "Udp:OutDatagrams", "Udp:InErrors", "Udp:RcvbufErrors", "Udp:SndbufErrors", "Udp:NoPorts");

    private readonly Series[] _snmpSeries =
    [
        new(TcpSegments, "receive"), new(TcpSegments, "transmit"), new(TcpRetransmits), new(TcpReceiveErrors), new(TcpFailedAttempts),
        new(TcpEstablishedResets), new(TcpResetsSent), .. UdpSeries("ipv4"),
    ];

    private readonly ProtocolCounters _netstatCounters = new("TcpExt:ListenOverflows", "TcpExt:ListenDrops");
    private readonly Series[] _netstatSeries = [new(TcpListenOverflows), new(TcpListenDrops)];

    private readonly NamedNumbers _snmp6Numbers = new("Udp6InDatagrams", "Udp6OutDatagrams", "Udp6InErrors", "Udp6RcvbufErrors", "Udp6SndbufErrors", "Udp6NoPorts");
    private readonly Series[] _snmp6Series = UdpSeries("ipv6");

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        Collect(scrape, _snmp, _snmpCounters, _snmpSeries);
        Collect(scrape, _netstat, _netstatCounters, _netstatSeries);

        // A kernel without IPv6 has no such file.
        if (_snmp6.TryRead(out ReadOnlySpan<byte> content))
        {
            _snmp6Numbers.Parse(content);
            for (int index = 0; index < _snmp6Series.Length; index++)
            {
                if (_snmp6Numbers[index] is { } value)
                {
                    scrape.Add(_snmp6Series[index], value);
                }
            }
        }
    }

    private static void Collect(Scrape scrape, KernelFile file, ProtocolCounters counters, Series[] series)
    {
        // A kernel without networking has none of these, and some kinds of containers hide them.
        if (!file.TryRead(out ReadOnlySpan<byte> content))
        {
            return;
        }

        if (!counters.TryParse(content))
        {
            throw new InvalidDataException($"{file.Path} is not made of pairs of lines, names and values of one protocol each.");
        }

        for (int index = 0; index < series.Length; index++)
        {
            if (counters[index] is { } value)
            {
                scrape.AddCounter(series[index], value);
            }
        }
    }

    private static Series[] UdpSeries(string version) =>
    [
        new(UdpDatagrams, version, "receive"), new(UdpDatagrams, version, "transmit"), new(UdpReceiveErrors, version),
        new(UdpReceiveBufferErrors, version), new(UdpSendBufferErrors, version), new(UdpNoPorts, version),
    ];

    private static Metric Udp(string name, string description, params string[] attributeKeys) =>
        Count($"udp.{name}", "{datagram}", "/proc/net/snmp, /proc/net/snmp6", description, ["network.type", .. attributeKeys]);

    private static Metric Count(string name, string unit, string source, string description, params string[] attributeKeys) => new()
    {
        Name = $"hostwire.network.{name}",
        Unit = unit,
        Kind = MetricKind.Counter,
        IsInteger = true,
        Description = description,
        Source = source,
        AttributeKeys = attributeKeys,
    };
}
