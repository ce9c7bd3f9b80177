using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>How many TCP sockets are in each state, IPv4 and IPv6 together: from the kernel's own mouth, else from <c>/proc/net/tcp</c> and <c>tcp6</c>.</summary>
/// <remarks>
/// A collector of its own, and a slow one, because it is the dearest there is. The kernel walks its whole table of connections, however empty it is, and says a few words of each socket. Where
/// it cannot be asked (another network than ours, a service that may not open such sockets, a kernel without <c>tcp_diag</c>), it writes files of text: two passes over a table of
/// 262,144 places (a machine with 24 GB) take 4 ms instead of 0.3 ms, and a line for each socket 3 µs. The cheap totals of <c>/proc/net/sockstat</c> and <c>/proc/net/snmp</c> do not tell the states apart.
/// </remarks>
public sealed class ConnectionsCollector(HostPaths paths) : ICollector
{
    private static Metric Connections { get; } = new()
    {
        Name = "system.network.connections",
        Unit = "{connections}",
        Kind = MetricKind.UpDown,
        IsInteger = true,
        Description = "TCP sockets in the state, IPv4 and IPv6 together.",
        Source = "sock_diag, else /proc/net/tcp, /proc/net/tcp6",
        AttributeKeys = ["protocol", "state"],
    };

    /// <summary>As the catalogue lists it.</summary>
    public static CollectorDefinition Definition { get; } = new(
        "connections",
        "TCP sockets by state; the more sockets, the more it costs.",
        IntervalSeconds: 30,
        [Connections],
        setup => new ConnectionsCollector(setup.Paths));

    // As much as the kernel says at a time.
    private readonly byte[] _answer = new byte[32 * 1024];
    private bool _mayAsk = TcpDiagnostics.IsOfOurNetwork(NetworkFiles.PathOf(paths, "tcp"));
    private readonly KernelLines _tcp = new(NetworkFiles.PathOf(paths, "tcp"));
    private readonly KernelLines _tcp6 = new(NetworkFiles.PathOf(paths, "tcp6"));
    private readonly Series[] _series = [.. TcpState.Names.Select(state => new Series(Connections, "tcp", state))];
    private readonly long[] _counts = new long[TcpState.Names.Length];

    /// <inheritdoc/>
    public void Collect(Scrape scrape)
    {
        Array.Clear(_counts);
        _mayAsk = _mayAsk && TcpDiagnostics.TryCount(_counts, _answer);
        if (!_mayAsk)
        {
            Array.Clear(_counts);
            ReadFiles();
        }

        for (int state = 0; state < _counts.Length; state++)
        {
            scrape.Add(_series[state], _counts[state]);
        }
    }

    private void ReadFiles()
    {
        if (!_tcp.TryStart())
        {
            throw new FileNotFoundException($"{_tcp.Path} does not exist.");
        }

        Count(_tcp);

        // A kernel without IPv6 has no such file.
        if (_tcp6.TryStart())
        {
            Count(_tcp6);
        }
    }

    private void Count(KernelLines file)
    {
        if (!file.TryReadLine(out ReadOnlySpan<byte> line) || !line.TrimStart((byte)' ').StartsWith("sl "u8))
        {
            throw new InvalidDataException($"{file.Path} does not begin with its line of headings.");
        }

        while (file.TryReadLine(out line))
        {
            if (!TcpState.TryParse(line, out int state))
            {
                throw new InvalidDataException($"{file.Path} has a line without a known state in its fourth field: \"{KernelText.ToText(line)}\".");
            }

            _counts[state]++;
        }
    }
}
