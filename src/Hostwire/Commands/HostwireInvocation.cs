using System.Collections;
using System.CommandLine;
using Hostwire.Configuration;

namespace Hostwire.Commands;

/// <summary>The surroundings a verb runs in, so that tests can give it others than the process's own. Signals are ours: <see cref="Diagnostics.StopSignals"/>.</summary>
public sealed class HostwireInvocation : InvocationConfiguration
{
    private const int WidthUsual = 100;
    private const int WidthMin = 60;

    /// <summary>As the process has them.</summary>
    public HostwireInvocation()
    {
        // System.CommandLine would end the process two seconds after a SIGTERM, in the middle of a batch.
        ProcessTerminationTimeout = null;
        EnableDefaultExceptionHandler = false;
    }

    /// <summary>The environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ProcessEnvironment();

    /// <summary>The settings file that is read where none is named.</summary>
    public string DefaultConfigFile { get; init; } = SettingsSources.UsualFile;

    /// <summary>The file in which a running <c>hostwire up</c> says how to reach it; null where none runs.</summary>
    public string? RunningFile { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the log goes.</summary>
    public Stream LogStream { get; init; } = Console.OpenStandardError();

    /// <summary>How many characters a line of help may have.</summary>
    public int Width { get; init; } = Console.IsOutputRedirected ? WidthUsual : Math.Max(WidthMin, Console.WindowWidth);

    private static Dictionary<string, string> ProcessEnvironment() =>
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
