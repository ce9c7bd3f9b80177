using System.Net.Sockets;
using System.Text;

namespace Hostwire.Monitoring;

/// <summary>One connection of <see cref="MonitorServer"/>: reads one request, answers it, closes.</summary>
/// <remarks>
/// As much of HTTP/1.1 as scrapers, probes and people with curl use: GET and HEAD, without a body. What is longer, slower or something else is refused;
/// nobody who can connect gets more of this process than a few kilobytes for a few seconds.
/// </remarks>
internal static class HttpConnection
{
    private const int RequestBytesMax = 8 * 1024;
    private const int RestBytesMax = 64 * 1024;

    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Serves the connection to its end.</summary>
    /// <param name="socket">Becomes this call's own.</param>
    /// <param name="answer">The answer for a path; null where there is none under it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Gives up.</param>
    public static async Task ServeAsync(Socket socket, Func<string, HttpAnswer?> answer, TimeProvider time, CancellationToken stopping)
    {
        using Socket own = socket;
        using var late = new CancellationTokenSource(TimeMax, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
        try
        {
            if (await ReadHeadAsync(own, ending.Token) is string head)
            {
                await SendAsync(own, Answer(head, answer), withBody: !head.StartsWith("HEAD ", StringComparison.Ordinal), ending.Token);
            }

            await CloseAsync(own, ending.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The other end has gone, or was too slow. That is its affair: it sees it itself, and asks again or not.
        }
    }

    /// <summary>The answer to a request, of which only the first line counts.</summary>
    internal static HttpAnswer Answer(string head, Func<string, HttpAnswer?> answer)
    {
        string[] words = head[..head.IndexOf('\r', StringComparison.Ordinal)].Split(' ');
        if (words is not [string method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return HttpAnswer.Text("400 Bad Request", "This is no request of HTTP/1.1 for a path.");
        }

        if (method is not ("GET" or "HEAD"))
        {
            return HttpAnswer.Text("405 Method Not Allowed", "There is nothing here but to read: GET or HEAD.");
        }

        int query = target.IndexOf('?', StringComparison.Ordinal);
        return answer(query < 0 ? target : target[..query]) ?? HttpAnswer.Text("404 Not Found", "There are /healthz, /readyz and /metrics.");
    }

    /// <summary>The request up to the empty line; null where the other end sends none.</summary>
    private static async Task<string?> ReadHeadAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[RequestBytesMax];
        int length = 0;
        while (length < buffer.Length && await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken) is > 0 and int received)
        {
            length += received;
            int end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Encoding.Latin1.GetString(buffer, 0, end + 2);
            }
        }

        if (length == buffer.Length)
        {
            await SendAsync(socket, HttpAnswer.Text("431 Request Header Fields Too Large", "The request is too long."), withBody: true, cancellationToken);
        }

        return null;
    }

    /// <summary>Closes; not before the other end has, or the kernel would take what it has not read yet, such as the body of a POST, for a reason to throw our answer away.</summary>
    private static async Task CloseAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        byte[] rest = new byte[RequestBytesMax];
        for (int length = 0; length < RestBytesMax && await socket.ReceiveAsync(rest, cancellationToken) is > 0 and int received;)
        {
            length += received;
        }
    }

    private static async Task SendAsync(Socket socket, HttpAnswer answer, bool withBody, CancellationToken cancellationToken)
    {
        string head = $"HTTP/1.1 {answer.Status}\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {answer.Body.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
        byte[] message = [.. Encoding.ASCII.GetBytes(head), .. withBody ? answer.Body : []];
        for (int sent = 0; sent < message.Length;)
        {
            sent += await socket.SendAsync(message.AsMemory(sent), cancellationToken);
        }
    }
}
