using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A process that a test started: its output line by line, signals by its id, and its end. Dies with the test process, also when that is killed.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    /// <summary>How long any wait lasts before the test fails: far beyond what a slow machine needs, so that it never decides a test that works.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly string _name;
    private readonly Task _ended;
    private readonly Lock _lock = new();
    private readonly List<OutputLine> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process, string name)
    {
        _process = process;
        _name = name;
        Id = process.Id;
        _ended = Task.WhenAll(PumpAsync(process.StandardOutput, isError: false), PumpAsync(process.StandardError, isError: true));
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Whether it is gone.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>With what it ended (128 + the signal's number where one killed it); null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>What it wrote to stdout so far.</summary>
    public string StandardOutput => Text(isError: false);

    /// <summary>What it wrote to stderr so far.</summary>
    public string StandardError => Text(isError: true);

    /// <summary>Starts <paramref name="file"/>; <paramref name="user"/> is whom to become, for programs that refuse root.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    /// <param name="workingDirectory">Where it runs; null: where the tests do.</param>
    /// <param name="user">Null: the user of the tests.</param>
    public static async Task<ChildProcess> StartAsync(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        string? user = null)
    {
        string[] become = user is null ? [] : ["--reuid", user, "--regid", GroupOf(user), "--init-groups"];
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", .. become, "--", file, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        Process process = await ProcessStarter.StartAsync(start);
        process.StandardInput.Close();
        return new ChildProcess(process, Path.GetFileName(file));
    }

    /// <summary>Runs a helper program to its end and returns its stdout.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? user = null)
    {
        await using ChildProcess child = await StartAsync(file, arguments, environment, user: user);
        int exitCode = await child.WaitForExitAsync();
        return exitCode == 0 ? child.StandardOutput : throw new InvalidOperationException($"{file} ended with {exitCode}.\n{child.Describe()}");
    }

    /// <summary>Sends a signal, to this process only.</summary>
    public void Signal(UnixSignal signal)
    {
        if (Kill(Id, (int)signal) != 0 && !HasExited)
        {
            throw new InvalidOperationException($"{signal} could not be sent to {_name}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>Waits until it has ended and all it wrote is here; returns its exit code (128 + the signal's number where one killed it).</summary>
    /// <exception cref="TimeoutException">It lives on; the message holds what it said.</exception>
    public Task<int> WaitForExitAsync(CancellationToken cancellationToken = default) => WaitForExitAsync(Deadline, cancellationToken);

    /// <inheritdoc cref="WaitForExitAsync(CancellationToken)"/>
    public async Task<int> WaitForExitAsync(TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(cancellationToken), _ended).WaitAsync(deadline, cancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{_name} did not end.\n{Describe()}", error);
        }
    }

    /// <summary>Waits for a line, on stdout or stderr, that <paramref name="predicate"/> accepts; lines written before the call count too.</summary>
    /// <exception cref="TimeoutException">No such line came; the message holds those that did.</exception>
    /// <exception cref="InvalidOperationException">The process ended without one.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> predicate, CancellationToken cancellationToken = default)
    {
        // For the whole wait: a process that goes on writing other lines would keep a test waiting for ever.
        Task deadline = Task.Delay(Deadline, cancellationToken);
        for (int next = 0; ;)
        {
            bool ended = _ended.IsCompleted;
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
                for (; next < _lines.Count; next++)
                {
                    if (predicate(_lines[next].Text))
                    {
                        return _lines[next].Text;
                    }
                }
            }

            if (ended)
            {
                throw new InvalidOperationException($"{_name} ended without the line that was waited for.\n{Describe()}");
            }

            if (await Task.WhenAny(changed, _ended, deadline) == deadline)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new TimeoutException($"{_name} did not write the line that was waited for.\n{Describe()}");
            }
        }
    }

    /// <summary>Everything it wrote, for messages of failed tests.</summary>
    public string Describe()
    {
        lock (_lock)
        {
            return string.Join('\n', _lines.Select(line => line.IsError ? $"stderr: {line.Text}" : $"stdout: {line.Text}"));
        }
    }

    /// <summary>Kills it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(UnixSignal.Kill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task PumpAsync(StreamReader reader, bool isError)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _lines.Add(new OutputLine(line, isError));
                _changed.SetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private string Text(bool isError)
    {
        lock (_lock)
        {
            return string.Concat(_lines.Where(line => line.IsError == isError).Select(line => line.Text + "\n"));
        }
    }

    // The user's own group, which need not have the user's name: Debian's nobody is of nogroup.
    private static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => string.Equals(fields[0], user, StringComparison.Ordinal))[3];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    private readonly record struct OutputLine(string Text, bool IsError);
}
