using System.CommandLine;
using Hostwire.Configuration;

namespace Hostwire.Commands;

/// <summary>What is wrong with a command line, in one sentence, with the nearest verb or option.</summary>
internal static class UsageError
{
    /// <summary>Null where nothing is.</summary>
    public static string? Of(ParseResult parsed)
    {
        if (parsed.Action is HelpPage or VersionLine)
        {
            return null;
        }

        Command command = parsed.CommandResult.Command;
        string path = Path(parsed);
        if (parsed.UnmatchedTokens is [string token, ..])
        {
            return (token.StartsWith('-') ? UnknownOption(command, path, token) : UnknownWord(command, path, token)) + $" See {path} --help.";
        }

        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            return $"say what to do: {path} {string.Join('|', command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name))}. See {path} --help.";
        }

        return parsed.Errors.Count == 0 ? null : $"{OneLine(parsed.Errors[0].Message).TrimEnd('.')}. See {path} --help.";
    }

    /// <summary>The command as it is typed: <c>hostwire db migrate</c>.</summary>
    public static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult; result is not null; result = result.Parent)
        {
            if (result is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command)
            {
                names.Insert(0, command.Command.Name);
            }
        }

        return string.Join(' ', names.Prepend(CommandLine.ProgramName));
    }

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string UnknownOption(Command command, string path, string token)
    {
        // What follows an equals sign may be a password.
        string name = token.Split('=')[0];
        IEnumerable<string> known = command.Options.Where(option => option is not SettingOption { Setting.IsSecret: true }).Select(option => option.Name);
        return $"{name} is not an option of {path}.{NearestName.Question(name, known)}";
    }

    private static string UnknownWord(Command command, string path, string token)
    {
        // A service URI that lost its flag holds a password.
        if (token.AsSpan().ContainsAny(':', '@', '='))
        {
            return $"{path} takes no such argument.";
        }

        if (command.Subcommands.Count > 0)
        {
            return $"{token} is not a verb of {path}.{NearestName.Question(token, command.Subcommands.Select(verb => verb.Name))}";
        }

        return $"{path} takes no argument {token}.";
    }
}
