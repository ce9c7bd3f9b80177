using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>What a verb is given: its settings, checked, and what it needs of the process.</summary>
public sealed class VerbContext
{
    /// <summary>The command line, for the verb's own options.</summary>
    public required ParseResult Arguments { get; init; }

    /// <summary>The settings and where each comes from.</summary>
    public required LoadedSettings Settings { get; init; }

    /// <summary>Reads the same sources again, as they are now.</summary>
    /// <exception cref="UserException">Something is wrong with them.</exception>
    public required Func<LoadedSettings> ReadSettings { get; init; }

    /// <summary>The settings themselves.</summary>
    public HostwireOptions Options => Settings.Options;

    /// <summary>Makes loggers; the log goes to stderr.</summary>
    public required LogOutput Loggers { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment => ((HostwireInvocation)Arguments.InvocationConfiguration).Environment;

    /// <summary>For data: stdout.</summary>
    public TextWriter Output => Arguments.InvocationConfiguration.Output;

    /// <summary>For people: stderr.</summary>
    public TextWriter Error => Arguments.InvocationConfiguration.Error;

    /// <summary>Makes sure that sections can be used: what is required is there, files can be read, librdkafka knows the properties.</summary>
    /// <exception cref="UserException">Something is wrong; the message has a line for each error.</exception>
    public void Require(SettingSections sections) => Require(Settings, sections);

    /// <summary>Reads the settings again, and makes sure that these sections can be used.</summary>
    /// <exception cref="UserException">Something is wrong; the message has a line for each error.</exception>
    public HostwireOptions ReadAgain(SettingSections sections)
    {
        LoadedSettings settings = ReadSettings();
        Require(settings, sections);
        return settings.Options;
    }

    private static void Require(LoadedSettings settings, SettingSections sections)
    {
        string[] problems = [.. settings.Problems(sections)];
        if (problems.Length > 0)
        {
            throw new UserException(string.Join('\n', problems), ExitCode.Usage);
        }
    }
}
