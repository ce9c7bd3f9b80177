using System.Globalization;
using System.Text.RegularExpressions;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>The stretches of time in which a command failed, as an agent has logged them: on a machine that is short of everything a command is not always done in time.</summary>
internal sealed partial class CommandFailures
{
    private const long Second = 1_000_000;

    private readonly List<(long From, long To)> _stretches = [];

    /// <summary>Reads a log.</summary>
    /// <param name="log">Of one process.</param>
    /// <param name="command">The command.</param>
    /// <param name="isClockSet">Whether the times in it are not to be relied on: then a failure may have been at any time.</param>
    public CommandFailures(string log, string command, bool isClockSet)
    {
        foreach (Match line in Lines().Matches(log).Where(line => line.Groups["command"].Value == command))
        {
            long at = (DateTimeOffset.Parse(line.Groups["time"].Value, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            if (line.Groups["end"].Success)
            {
                _stretches[^1] = _stretches[^1] with { To = isClockSet ? long.MaxValue : at };
            }
            else
            {
                // It is said when its time was up, a second after it had begun, or a bit later.
                _stretches.Add((isClockSet ? 0 : at - (2 * Second), long.MaxValue));
            }
        }
    }

    /// <summary>Whether a reading lies in one.</summary>
    public bool Cover(LedgerReading reading) => _stretches.Exists(stretch => reading.Id >= stretch.From && reading.Id < stretch.To);

    [GeneratedRegex(@"time=(?<time>\S+) .*Command (?<command>c\d+) (was not done|exited|has left|cannot be started|(?<end>works again))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Lines();
}
