using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Up;

namespace Hostwire.IntegrationTests.Up;

/// <summary>One run of <c>hostwire up</c>, from its start to its end, with the data folder it works in.</summary>
internal sealed class UpRun : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _command;
    private readonly string? _user;

    private UpRun(ChildProcess process, string command, string? user) => (_process, _command, _user) = (process, command, user);

    /// <summary>The process of <c>up</c> itself.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Waits until it has printed how to look at the data, and there are some.</summary>
    /// <param name="process">It, just started.</param>
    /// <param name="user">Whom it runs as; null: the user of the tests.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<UpRun> OfAsync(ChildProcess process, string? user, CancellationToken cancellationToken)
    {
        string line = await process.WaitForLineAsync(line => line.Contains("PGPASSFILE=", StringComparison.Ordinal), cancellationToken);
        await process.WaitForLineAsync(line => line.StartsWith("The first values are in the database", StringComparison.Ordinal), cancellationToken);
        return new(process, line.Trim(), user);
    }

    /// <summary>What it has written for people whom something should worry.</summary>
    public string Errors => _process.StandardError;

    /// <summary>What the printed command answers to a query, as the user whom <c>up</c> runs as; columns separated by <c>|</c>.</summary>
    public async Task<string> QueryAsync(string sql) =>
        (await ChildProcess.RunAsync("sh", ["-c", $"{_command} -X -A -t -c \"$1\"", "sh", sql], user: _user)).TrimEnd('\n');

    /// <summary>Waits until the query answers <c>t</c>.</summary>
    public Task TrueAsync(string sql, CancellationToken cancellationToken) =>
        Eventually.TrueAsync(async () => await QueryAsync(sql) is "t", $"\"{sql}\" to hold; {_process.Describe()}", cancellationToken);

    /// <summary>Every process that descends from it, the servers of PostgreSQL included.</summary>
    public int[] Children()
    {
        (int Id, int Parent)[] processes = [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (id, ParentOf(id)))];
        var children = new List<int>();
        for (int[] generation = [ProcessId]; generation.Length > 0;)
        {
            generation = [.. processes.Where(process => generation.Contains(process.Parent)).Select(process => process.Id)];
            children.AddRange(generation);
        }

        return [.. children];
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    public async Task<int> EndAsync(UnixSignal signal, CancellationToken cancellationToken)
    {
        _process.Signal(signal);
        return await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>What it wrote, for messages.</summary>
    public string Describe() => _process.Describe();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The kernel's letter for what a process does; null where there is none.</summary>
    public static char? StateOf(int id) => Stat(id) is [var state, ..] ? state[0] : null;

    private static int ParentOf(int id) => Stat(id) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    /// <summary>The fields of <c>/proc/PID/stat</c> after the name, which stands in parentheses and may hold anything.</summary>
    private static string[] Stat(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It has ended.
            return [];
        }
    }
}
