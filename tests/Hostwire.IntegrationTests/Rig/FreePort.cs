using System.Net;
using System.Net.Sockets;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>Ports of 127.0.0.1 that stay free while a server is down.</summary>
/// <remarks>
/// Not the kernel's "any free port": those are the ports that outgoing connections get. A client that keeps knocking at a stopped server on such a port
/// one day gets that very port as its own, is connected to itself, and the server cannot start again.
/// </remarks>
public static class FreePort
{
    private const int Lowest = 12_000;

    private static Lock Lock { get; } = new();

    private static HashSet<int> Taken { get; } = [];

    private static int Beyond { get; } = Math.Max(Lowest + 4_000, FirstEphemeral());

    /// <summary>A port that nothing listens on and that this run has not given away yet.</summary>
    public static int Next()
    {
        lock (Lock)
        {
            while (true)
            {
                int port = Random.Shared.Next(Lowest, Beyond);
                if (Taken.Add(port) && IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FirstEphemeral() =>
        int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t', ' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
