using System.Net.Sockets;
using System.Text;

namespace Hostwire.Tests.Monitoring;

/// <summary>The service manager's end of the socket that <c>NOTIFY_SOCKET</c> names.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string? _file;

    private NotifySocket(string address, string? file)
    {
        Address = address;
        _file = file;
        _socket.Bind(new UnixDomainSocketEndPoint(file ?? $"\0{address[1..]}"));
    }

    /// <summary>As the variable spells it.</summary>
    public string Address { get; }

    public static NotifySocket Abstract() => new($"@hostwire-test-{Guid.NewGuid():n}", file: null);

    public static NotifySocket InFile()
    {
        string file = Path.Combine(Path.GetTempPath(), $"hw-{Guid.NewGuid():n}");
        return new(file, file);
    }

    /// <summary>The next message.</summary>
    public async Task<string> NextAsync()
    {
        byte[] buffer = new byte[4096];
        int length = await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>Whether a message waits.</summary>
    public bool HasMessage => _socket.Available > 0;

    public void Dispose()
    {
        _socket.Dispose();
        if (_file is not null)
        {
            File.Delete(_file);
        }
    }
}
