using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>What <c>--help</c> prints: a verb's own options first, then the flags of its settings, a heading for each section.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int FirstColumnMax = 34;

    private static readonly (SettingSections Section, string Title)[] Titles =
    [
        (SettingSections.Agent, "Sampling: [agent], HOSTWIRE_AGENT_..."),
        (SettingSections.Sink, "Storing: [sink], HOSTWIRE_SINK_..."),
        (SettingSections.Kafka, "Kafka: [kafka], HOSTWIRE_KAFKA_..."),
        (SettingSections.Postgres, "PostgreSQL: [postgres], HOSTWIRE_POSTGRES_..."),
        (SettingSections.Metrics, "How it is doing: [metrics], HOSTWIRE_METRICS_..."),
        (SettingSections.Log, "Log: [log], HOSTWIRE_LOG_..."),
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var process = (HostwireInvocation)parseResult.InvocationConfiguration;
        // The console writes out whatever it is given at once: word by word that was a third of a thousand writes.
        var page = new StringWriter();
        Write(parseResult.CommandResult.Command, UsageError.Path(parseResult), page, process.Width);
        process.Output.Write(page);
        return (int)ExitCode.Success;
    }

    internal static void Write(Command command, string path, TextWriter output, int width)
    {
        bool hasVerbs = command.Subcommands.Count > 0;
        string arguments = string.Concat(command.Arguments.Select(argument => $" {argument.HelpName ?? argument.Name.ToUpperInvariant()}"));
        output.WriteLine($"Usage: {path}{(!hasVerbs ? "" : command.Action is null ? " VERB" : " [VERB]")}{arguments} [options]");
        output.WriteLine();
        WriteWrapped(output, command.Description ?? "", width, indent: 0, isFirstIndented: true);
        WriteRows(output, "Verbs:", Verbs(command, ""), width);
        WriteRows(output, "Arguments:", command.Arguments.Select(argument => (argument.HelpName ?? argument.Name.ToUpperInvariant(), argument.Description ?? "")), width);
        Option[] shown = [.. command.Options.Where(option => !option.Hidden)];
        WriteRows(output, "Options:", shown.Where(option => SectionOf(option) == SettingSections.None).Select(Row).Concat(command is RootCommand ? [] : [("-h, --help", "Show this help.")]), width);
        foreach ((SettingSections section, string title) in Titles)
        {
            WriteRows(output, title, shown.Where(option => SectionOf(option) == section).Select(Row), width);
        }

        if (shown.OfType<SettingOption>().Any())
        {
            output.WriteLine();
            WriteWrapped(
                output, "A flag wins over the environment variable of the setting, and that over the settings file. Passwords come from the environment or a file only.",
                width, indent: 0, isFirstIndented: true);
        }
    }

    private static IEnumerable<(string, string)> Verbs(Command command, string prefix)
    {
        foreach (Command verb in command.Subcommands.Where(verb => !verb.Hidden))
        {
            string name = prefix + verb.Name;
            if (verb.Subcommands.Count == 0 || verb.Action is not null)
            {
                yield return (name, FirstSentence(verb.Description ?? ""));
            }

            foreach ((string, string) row in Verbs(verb, name + " "))
            {
                yield return row;
            }
        }
    }

    private static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    private static SettingSections SectionOf(Option option) => option switch
    {
        SettingOption flag => flag.Setting.Section,
        Option<string[]> table => Array.Find(SettingTable.All, known => known.Flag == table.Name)?.Section ?? SettingSections.None,
        _ => SettingSections.None,
    };

    private static (string, string) Row(Option option)
    {
        string names = string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name));
        string value = option is HelpOption or Option<bool> ? "" : $" {option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant()}";
        string text = option.Description ?? "";
        if (option is SettingOption { Setting: { Default: { Length: > 0 } standard } setting })
        {
            // Lists are long: with blanks they can be broken.
            text += $" [{(setting.Kind == SettingKind.List ? standard.Replace(",", ", ", StringComparison.Ordinal) : standard)}]";
        }

        return (names + value, text);
    }

    private static void WriteRows(TextWriter output, string title, IEnumerable<(string First, string Second)> rows, int width)
    {
        (string First, string Second)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine(title);
        int column = Math.Min(FirstColumnMax, all.Max(row => row.First.Length) + 4);
        foreach ((string first, string second) in all)
        {
            bool fits = first.Length + 4 <= column;
            output.Write(fits ? $"  {first}".PadRight(column) : $"  {first}{Environment.NewLine}");
            WriteWrapped(output, second, width, column, isFirstIndented: fits);
        }
    }

    private static void WriteWrapped(TextWriter output, string text, int width, int indent, bool isFirstIndented)
    {
        string margin = new(' ', indent);
        int used = isFirstIndented ? indent : 0;
        bool isLineStart = true;
        foreach (string word in text.Split(' '))
        {
            if (!isLineStart && used + 1 + word.Length > width)
            {
                output.WriteLine();
                (used, isLineStart) = (0, true);
            }

            if (isLineStart && used == 0)
            {
                output.Write(margin);
                used = indent;
            }

            output.Write(isLineStart ? word : " " + word);
            used += word.Length + (isLineStart ? 0 : 1);
            isLineStart = false;
        }

        output.WriteLine();
    }
}
