using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class TcpDiagnosticsTests
{
    [Fact]
    public void The_kernel_counts_what_its_files_count()
    {
        using var ipv4 = new TcpListener(IPAddress.Loopback, 0);
        ipv4.Start();
        using var client = new TcpClient();
        client.Connect((IPEndPoint)ipv4.LocalEndpoint);
        using var ipv6 = new TcpListener(IPAddress.IPv6Loopback, 0);
        ipv6.Start();

        // Sockets come and go beside this test, between the two looks as well.
        for (int attempt = 0; attempt < 200; attempt++)
        {
            long[] asked = new long[TcpState.Names.Length];
            Assert.SkipUnless(TcpDiagnostics.TryCount(asked, new byte[32 * 1024]), "This kernel has no tcp_diag.");
            if (asked.SequenceEqual(FromFiles()))
            {
                Assert.True(asked[Array.IndexOf(TcpState.Names, "LISTEN")] >= 2);
                Assert.True(asked[Array.IndexOf(TcpState.Names, "ESTABLISHED")] >= 2);
                return;
            }
        }

        Assert.Fail("In 200 looks the kernel never said what its files say.");
    }

    [Fact]
    public void Messages_are_counted_until_the_last()
    {
        long[] counts = new long[TcpState.Names.Length];
        Assert.False(TcpDiagnostics.Count([.. Socket(2, 1), .. Socket(10, 1), .. Socket(2, 10)], counts));
        Assert.True(TcpDiagnostics.Count([.. Socket(2, 6), .. Message(3, new byte[4])], counts));
        Assert.Equal((2, 1, 1, 4), (counts[1], counts[10], counts[6], counts.Sum()));
    }

    [Fact]
    public void What_is_no_answer_is_refused_wherever_it_is_cut_off()
    {
        byte[] socket = Socket(2, 1);
        Assert.All(
            Enumerable.Range(1, socket.Length - 1).Select(length => socket[..length])
                .Append(Message(2, BitConverter.GetBytes(-2))).Append(Socket(2, 0)).Append(Socket(2, 12)).Append([.. socket, 1]),
            bytes => Assert.Null(TcpDiagnostics.Count(bytes, new long[TcpState.Names.Length])));
    }

    [Fact]
    public void Another_network_is_not_ours()
    {
        Assert.True(TcpDiagnostics.IsOfOurNetwork("/proc/net/tcp"));
        using var host = new TemporaryHost();
        host.Write("proc/net/tcp", "");
        Assert.False(TcpDiagnostics.IsOfOurNetwork($"{host.Paths.Procfs}/net/tcp"));
        Assert.False(TcpDiagnostics.IsOfOurNetwork("/proc/0/net/tcp"));
    }

    private static long[] FromFiles()
    {
        long[] counts = new long[TcpState.Names.Length];
        foreach (string line in File.ReadLines("/proc/net/tcp").Skip(1).Concat(File.ReadLines("/proc/net/tcp6").Skip(1)))
        {
            Assert.True(TcpState.TryParse(System.Text.Encoding.ASCII.GetBytes(line), out int state));
            counts[state]++;
        }

        return counts;
    }

    private static byte[] Socket(byte family, byte state) => Message(20, [family, state, .. new byte[70]]);

    private static byte[] Message(ushort type, byte[] content)
    {
        byte[] message = new byte[16 + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        content.CopyTo(message, 16);
        return message;
    }
}
