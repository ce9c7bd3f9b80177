using System.Globalization;

namespace Hostwire.Collectors;

/// <summary>The states of a TCP connection: the kernel's codes in <c>/proc/net/tcp</c> and OpenTelemetry's names for them.</summary>
internal static class TcpState
{
    /// <summary>The names, each at the place of its code. Linux has no state 0; Windows has DELETE, which the Collector reports everywhere, and which so stays 0 here.</summary>
    /// <remarks>The Collector 0.155 reports FIN_WAIT_1 and FIN_WAIT_2 as 0 always and counts such sockets, when there are any, as FIN_WAIT1 and FIN_WAIT2 besides. We count them where the names that are always there say.</remarks>
    public static string[] Names { get; } =
    [
        "DELETE",
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT_1",
        "FIN_WAIT_2",
        "TIME_WAIT",
        "CLOSE",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "CLOSING",
    ];

    /// <summary>Reads the state off <c>  0: 0100007F:1F90 00000000:0000 0A ...</c>, of IPv4 and IPv6 alike; false where the line is not of that form or has a state without a name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out int code)
    {
        KernelText.TakeField(ref line);
        KernelText.TakeField(ref line);
        KernelText.TakeField(ref line);
        ReadOnlySpan<byte> field = KernelText.TakeField(ref line);
        return int.TryParse(field, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)
            && code > 0
            && code < Names.Length;
    }
}
