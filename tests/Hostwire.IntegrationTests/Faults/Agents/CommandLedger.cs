using System.Globalization;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>What a command of the runner's has written down about its runs: a file that the product knows nothing of.</summary>
internal sealed class CommandLedger(string folder, string command)
{
    private readonly string _path = Path.Combine(folder, $"{command}.ledger");

    /// <summary>The command's name.</summary>
    public string Command { get; } = command;

    /// <summary>When it last ran and printed nothing because it was told to pause; 0: never.</summary>
    public long PausedAt => Lines().Where(line => line.Event == "paused").Select(line => line.Id).DefaultIfEmpty().Max();

    /// <summary>Every run, in their order.</summary>
    public LedgerReading[] Readings()
    {
        (long Id, string Event)[] lines = [.. Lines()];
        HashSet<long> done = [.. lines.Where(line => line.Event == "done").Select(line => line.Id)];
        long[] begun = [.. lines.Where(line => line.Event == "begun").Select(line => line.Id).Order()];
        return [.. begun.Select((id, i) => new LedgerReading(Command, id, i + 1 < begun.Length ? begun[i + 1] : long.MaxValue, done.Contains(id)))];
    }

    private IEnumerable<(long Id, string Event)> Lines()
    {
        if (!File.Exists(_path))
        {
            yield break;
        }

        // A line that is being written has no end yet.
        string text = File.ReadAllText(_path);
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            yield return (long.Parse(words[0], CultureInfo.InvariantCulture), words[1]);
        }
    }
}
