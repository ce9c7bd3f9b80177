using System.Net;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A web server on loopback that hands out the files it is given, by their paths, and remembers what it was asked for.</summary>
public sealed class FileServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private readonly Task _serving;

    /// <summary>Starts it.</summary>
    public FileServer(IReadOnlyDictionary<string, byte[]> files)
    {
        _files = files;
        BaseUrl = $"http://127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add(BaseUrl + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Without a slash at the end.</summary>
    public string BaseUrl { get; }

    /// <summary>The paths asked for, in order.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                // Closed: this is how the listener ends.
                return;
            }

            string path = context.Request.Url!.AbsolutePath;
            Requests.Enqueue(path);
            using HttpListenerResponse response = context.Response;
            if (_files.TryGetValue(path, out byte[]? content))
            {
                await response.OutputStream.WriteAsync(content);
            }
            else
            {
                response.StatusCode = 404;
            }
        }
    }
}
