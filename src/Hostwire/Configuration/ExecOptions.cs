namespace Hostwire.Configuration;

/// <summary>A command of the user's own that the agent runs on a schedule and whose output it sends: a table <c>[[exec]]</c>.</summary>
public sealed record ExecOptions
{
    /// <summary><c>name</c>: in logs and <c>config show</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>command</c>: program and arguments; a text in the settings file becomes <c>/bin/sh -c TEXT</c>.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary><c>interval_seconds</c>: how often it runs, in seconds.</summary>
    public int IntervalSeconds { get; init; } = 60;

    /// <summary><c>timeout_seconds</c>: how long it may run, in seconds; then it is ended with all that it has started. At most the interval.</summary>
    public double TimeoutSeconds { get; init; } = 10;

    /// <summary><c>max_output_bytes</c>: how much it may print; when it prints more, that run is left out.</summary>
    public int MaxOutputBytes { get; init; } = 1024 * 1024;

    /// <summary><c>max_series</c>: how many series of an output are taken; what is beyond is left out and counted.</summary>
    public int MaxSeries { get; init; } = 1000;

    /// <summary><c>attributes</c>: added to each of its series.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where it was set.</summary>
    public SettingSource Source { get; init; } = new(SettingSourceKind.Default);

    /// <summary>Whether the other is the same command, run in the same way; wherever each was set.</summary>
    public bool IsSame(ExecOptions other) =>
        this with { Command = other.Command, Attributes = other.Attributes, Source = other.Source } == other
        && Command.SequenceEqual(other.Command, StringComparer.Ordinal)
        && Attributes.Count == other.Attributes.Count
        && Attributes.All(attribute => other.Attributes.GetValueOrDefault(attribute.Key) == attribute.Value);

    /// <summary>What is wrong with running them: whoever can change the settings file, or a program it names, could run anything as this user. One line each.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<ExecOptions> commands)
    {
        foreach (IGrouping<string, ExecOptions> file in commands.Where(command => command.Source.Kind == SettingSourceKind.File).GroupBy(command => command.Source.Name, StringComparer.Ordinal))
        {
            if (TrustedFile.Problem(file.Key) is { } problem)
            {
                yield return $"{file.First().Source}: [[exec]] names commands to run, and {problem}";
            }
        }

        foreach (ExecOptions command in commands.Where(command => command.Command[0].StartsWith('/')))
        {
            if (TrustedFile.Problem(command.Command[0]) is { } problem)
            {
                yield return $"{command.Source}: [[exec]] {command.Name} runs {command.Command[0]}, and {problem}";
            }
        }
    }
}
