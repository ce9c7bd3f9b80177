using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hostwire.Configuration;
using Hostwire.Up;

namespace Hostwire.Exec;

/// <summary>Runs one command of the user's, for so long and for so much output at most, and leaves nothing of it behind.</summary>
/// <remarks>
/// It is the leader of a session, and so of a process group, of its own: when its time is up, or it has ended and left something running, the whole group is
/// killed. It reads from <c>/dev/null</c>, works in <c>/</c>, and gets none of our settings, which may hold passwords. Used by one run at a time.
/// </remarks>
internal sealed class ExecCommand(ExecOptions options, TimeProvider time)
{
    // The shell opens /dev/null and becomes setsid, which becomes the command: its process is the one that we started.
    private const string Wrapper = "exec setsid \"$@\" </dev/null";
    private const int ErrorBytesMax = 4096;
    private const int ErrorCharactersShown = 200;

    // Once its processes are killed nothing keeps the ends of the pipes; only what has made itself a daemon does.
    private static readonly TimeSpan AfterEndMax = TimeSpan.FromSeconds(1);

    // What belongs to us alone: our settings, and what systemd gives a service.
    private static readonly string[] OwnVariables = ["HOSTWIRE_", "NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_", "CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM"];

    private readonly byte[] _errors = new byte[ErrorBytesMax];
    private byte[] _output = new byte[Math.Min(options.MaxOutputBytes, 16 * 1024) + 1];
    private int _outputLength;
    private int _errorLength;

    /// <summary>Runs it once. What it printed is valid until the next run.</summary>
    /// <exception cref="OperationCanceledException">We are to stop; the command was killed.</exception>
    public async Task<ExecResult> RunAsync(CancellationToken stopping)
    {
        (_outputLength, _errorLength) = (0, 0);
        using Process? process = Start(out string problem);
        if (process is null)
        {
            return new ExecResult(default, problem);
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        Task<bool> reading = ReadOutputAsync(process.StandardOutput.BaseStream, ending.Token);
        Task errors = ReadErrorsAsync(process.StandardError.BaseStream, ending.Token);
        Task ended = process.WaitForExitAsync(ending.Token);
        bool isTooMuch = await Task.WhenAny(reading, ended) == reading && reading.IsCompletedSuccessfully && !reading.Result;
        if (!isTooMuch)
        {
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Kill(process);
        bool isOver = await EndsAsync(Task.WhenAll(reading, errors, process.WaitForExitAsync(CancellationToken.None)), ending);
        stopping.ThrowIfCancellationRequested();
        string? failure =
            isTooMuch || (reading.IsCompletedSuccessfully && !reading.Result) ? string.Create(CultureInfo.InvariantCulture, $"printed more than {options.MaxOutputBytes} bytes (max_output_bytes)")
            : timeout.IsCancellationRequested ? string.Create(CultureInfo.InvariantCulture, $"was not done within {options.TimeoutSeconds} s (timeout_seconds) and was killed{Said()}")
            : !isOver ? "has left a process behind that holds its output open: redirect the output of what it starts"
            : !reading.IsCompletedSuccessfully ? "has an output that cannot be read"
            : process.ExitCode != 0 ? string.Create(CultureInfo.InvariantCulture, $"exited with {process.ExitCode}{Said()}")
            : null;
        return new ExecResult(failure is null ? _output.AsMemory(0, _outputLength) : default, failure, IsTimeout: timeout.IsCancellationRequested);
    }

    private Process? Start(out string problem)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Wrapper, "sh", .. options.Command])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string name in start.Environment.Keys.Where(name => Array.Exists(OwnVariables, own => name.StartsWith(own, StringComparison.Ordinal))).ToArray())
        {
            start.Environment.Remove(name);
        }

        try
        {
            problem = "";
            return Process.Start(start);
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be started: {error.Message}";
            return null;
        }
    }

    // The group, and the process itself in case that it has not come to be its leader yet.
    private static void Kill(Process process)
    {
        ProcessSignal.Send(-process.Id, ProcessSignal.Kill);
        if (!process.HasExited)
        {
            ProcessSignal.Send(process.Id, ProcessSignal.Kill);
        }
    }

    private async Task<bool> EndsAsync(Task all, CancellationTokenSource reading)
    {
        await Task.WhenAny(all, Task.Delay(AfterEndMax, time, CancellationToken.None));
        bool isOver = all.IsCompleted;

        // A read that nobody will ever answer must not outlive this run.
        await reading.CancelAsync();
        await Task.WhenAny(all, Task.Delay(AfterEndMax, time, CancellationToken.None));
        return isOver;
    }

    // False where there is too much.
    private async Task<bool> ReadOutputAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_outputLength == _output.Length)
            {
                if (_outputLength > options.MaxOutputBytes)
                {
                    return false;
                }

                Array.Resize(ref _output, (int)Math.Min(options.MaxOutputBytes + 1L, 4L * _output.Length));
            }

            int read = await stream.ReadAsync(_output.AsMemory(_outputLength), cancellationToken);
            if (read == 0)
            {
                return true;
            }

            _outputLength += read;
        }
    }

    // Read to the end, so that the command never waits for us; only the beginning is kept.
    private async Task ReadErrorsAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] rest = new byte[ErrorBytesMax];
        while (true)
        {
            Memory<byte> room = _errorLength < _errors.Length ? _errors.AsMemory(_errorLength) : rest;
            int read = await stream.ReadAsync(room, cancellationToken);
            if (read == 0)
            {
                return;
            }

            _errorLength = Math.Min(_errors.Length, _errorLength + read);
        }
    }

    // The first line of stderr that says anything; the log escapes what does not belong into a line.
    private string Said()
    {
        string text = Encoding.UTF8.GetString(_errors, 0, _errorLength);
        string line = text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "";
        return line.Length == 0 ? "" : line.Length > ErrorCharactersShown ? $": {line[..ErrorCharactersShown]}..." : $": {line}";
    }
}
