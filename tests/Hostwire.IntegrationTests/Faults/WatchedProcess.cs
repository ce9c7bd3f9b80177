using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>An agent or a sink under test: how much memory it takes at most, and whether it ended without being told to.</summary>
internal sealed class WatchedProcess : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly ChildProcess _process;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _watching;
    private long _peakKilobytes;

    /// <summary>Begins to watch.</summary>
    /// <param name="name">For messages, and the <c>application_name</c> of a sink, e.g. sink-2.</param>
    /// <param name="place">Which proxies it goes through.</param>
    /// <param name="process">The process.</param>
    public WatchedProcess(string name, int place, ChildProcess process)
    {
        Name = name;
        Place = place;
        _process = process;
        _watching = WatchAsync();
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Which proxies it goes through.</summary>
    public int Place { get; }

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Whether its end is our doing.</summary>
    public bool IsToldToEnd { get; private set; }

    /// <summary>The most memory it had resident, in kilobytes, as the kernel counts (<c>VmHWM</c>).</summary>
    public long PeakKilobytes => Interlocked.Read(ref _peakKilobytes);

    /// <summary>What it wrote.</summary>
    public string Output => _process.Describe();

    /// <summary>What is wrong with how it ended; null where nothing is.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Sends a signal that does not end it.</summary>
    public void Signal(UnixSignal signal) => _process.Signal(signal);

    /// <summary>Kills it.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        IsToldToEnd = true;
        Look();
        _process.Signal(UnixSignal.Kill);
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks it to end, as systemd does, and holds it to exit code 0.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        CheckAlive();
        IsToldToEnd = true;
        Look();
        _process.Signal(UnixSignal.Terminate);
        int exitCode = await _process.WaitForExitAsync(cancellationToken);
        if (exitCode != 0)
        {
            Complaint ??= string.Create(CultureInfo.InvariantCulture, $"{Name} ended with {exitCode} when it was told to stop.");
        }
    }

    /// <summary>Notes whether it has ended by itself.</summary>
    public void CheckAlive()
    {
        if (!IsRunning && !IsToldToEnd)
        {
            Complaint ??= string.Create(CultureInfo.InvariantCulture, $"{Name} ended with {_process.ExitCode} although nobody told it to: {Output.Split('\n')[^1]}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
        await _process.DisposeAsync();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                Look();
                await Task.Delay(LookEvery, _over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private void Look()
    {
        try
        {
            string? line = File.ReadLines($"/proc/{Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            // A process that has ended and was not waited for yet has no memory any more; setpriv has little, before it becomes the program.
            if (line is not null)
            {
                long kilobytes = long.Parse(line.AsSpan("VmHWM:".Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
                Interlocked.Exchange(ref _peakKilobytes, Math.Max(_peakKilobytes, kilobytes));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is gone.
        }
    }
}
