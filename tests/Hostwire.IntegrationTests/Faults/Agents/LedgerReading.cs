namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>One run of a command of the runner's, as the command itself wrote it down.</summary>
/// <param name="Command">The command's name.</param>
/// <param name="Id">When it began, in true microseconds since 1970: series N has the value Id + N.</param>
/// <param name="NextId">When its next run began; <see cref="long.MaxValue"/> where there was none.</param>
/// <param name="IsDone">Whether it printed everything.</param>
internal sealed record LedgerReading(string Command, long Id, long NextId, bool IsDone);
