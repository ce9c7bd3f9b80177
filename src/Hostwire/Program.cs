using System.CommandLine;
using Hostwire.Commands;
using Hostwire.Diagnostics;
using Hostwire.Up;

namespace Hostwire;

/// <summary>The table of verbs.</summary>
public static class Program
{
    /// <summary>The verbs, in the order in which help lists them.</summary>
    public static Command[] Verbs() =>
    [
        UpCommand.Create(),
        AgentCommand.Create(),
        TopicCommand.Create(),
        SinkCommand.Create(),
        DbCommand.Create(),
        SimulateCommand.Create(),
        ConfigCommand.Create(),
    ];

    /// <summary>Runs one verb and returns its exit code.</summary>
    public static async Task<int> Main(string[] args)
    {
        using var signals = new StopSignals();
        string? running = RunningUp.SettingsFile(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
        return (int)await CommandLine.RunAsync(args, Verbs(), new HostwireInvocation { RunningFile = running }, signals.Stopping);
    }
}
