using System.Globalization;
using Tomlyn.Syntax;

namespace Hostwire.Configuration;

/// <summary>Reads the tables <c>[[exec]]</c> of a settings file, each a command of the user's.</summary>
internal sealed class TomlExec(SettingValues values)
{
    /// <summary>The name of the tables.</summary>
    public const string Table = "exec";

    /// <summary>The name of the table that may follow one of them, with its attributes.</summary>
    public const string AttributesTable = "exec.attributes";

    private const int CommandsMax = 100;
    private const int AttributesMax = 32;
    private const int AttributeLengthMax = 1024;
    private const int NameLengthMax = 64;
    private const int IntervalSecondsMax = 86_400;
    private const int OutputBytesMax = 16 * 1024 * 1024;
    private const int SeriesMax = 20_000;
    private const string AttributesPrefix = "attributes.";

    private static readonly string[] Keys = ["name", "command", "interval_seconds", "timeout_seconds", "max_output_bytes", "max_series", "attributes"];
    private static readonly ExecOptions Usual = new() { Name = "", Command = [] };

    private readonly List<ExecOptions> _commands = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);
    private ExecOptions? _current;
    private bool _isBad;

    /// <summary>Whether a table has begun, to which <c>[exec.attributes]</c> can belong.</summary>
    public bool HasBegun => _current is not null;

    /// <summary>A table begins.</summary>
    public void Begin(SettingSource source)
    {
        Finish();
        _current = Usual with { Source = source };
    }

    /// <summary>Takes a key of the table; of an attribute <c>attributes.NAME</c>.</summary>
    public void Add(string key, ValueSyntax value, SettingSource source)
    {
        if (!_lines.TryAdd(key, source.Line))
        {
            Refuse(source, string.Create(CultureInfo.InvariantCulture, $"exec.{key} is set already in line {_lines[key]}: take one away."));
        }
        else if (key.StartsWith(AttributesPrefix, StringComparison.Ordinal))
        {
            AddAttribute(key[AttributesPrefix.Length..], value, source);
        }
        else
        {
            _current = key switch
            {
                "name" => _current! with { Name = Name(value, source) },
                "command" => _current! with { Command = Command(value, source) },
                "interval_seconds" => _current! with { IntervalSeconds = (int)Number(key, value, source, 1, IntervalSecondsMax, isWhole: true) },
                "timeout_seconds" => _current! with { TimeoutSeconds = Number(key, value, source, 0.1, IntervalSecondsMax, isWhole: false) },
                "max_output_bytes" => _current! with { MaxOutputBytes = (int)Number(key, value, source, 1, OutputBytesMax, isWhole: true) },
                "max_series" => _current! with { MaxSeries = (int)Number(key, value, source, 1, SeriesMax, isWhole: true) },
                _ => Unknown(key, source),
            };
        }
    }

    /// <summary>The last table has ended.</summary>
    /// <returns>All commands without a fault.</returns>
    public IReadOnlyList<ExecOptions> Finish()
    {
        if (_current is { } command)
        {
            Check(command);
            if (!_isBad)
            {
                _commands.Add(command with { Attributes = new Dictionary<string, string>(_attributes, StringComparer.Ordinal) });
            }
        }

        _current = null;
        _isBad = false;
        _lines.Clear();
        _attributes.Clear();
        return _commands;
    }

    private void Check(ExecOptions command)
    {
        foreach (string required in Keys[..2].Where(key => !_lines.ContainsKey(key)))
        {
            Refuse(command.Source, $"[[exec]] has no {required}: add {(required is "name" ? "name = \"backup\"" : "command = [\"/usr/local/bin/backup-status\"]")}.");
        }

        if (command.TimeoutSeconds > command.IntervalSeconds)
        {
            Refuse(
                command.Source,
                string.Create(CultureInfo.InvariantCulture, $"exec.timeout_seconds ({command.TimeoutSeconds}) of {command.Name} must not be more than its interval_seconds ({command.IntervalSeconds}): two runs at once are never meant."));
        }

        if (_commands.Find(other => string.Equals(other.Name, command.Name, StringComparison.Ordinal)) is { } earlier)
        {
            Refuse(command.Source, string.Create(CultureInfo.InvariantCulture, $"[[exec]] in line {earlier.Source.Line} has the name {command.Name} too: give each its own."));
        }

        if (_commands.Count == CommandsMax)
        {
            Refuse(command.Source, string.Create(CultureInfo.InvariantCulture, $"[[exec]] is there more than {CommandsMax} times: let one command print what several do."));
        }
    }

    private ExecOptions Unknown(string key, SettingSource source)
    {
        Refuse(source, $"exec.{key} is not a setting.{NearestName.Question(key, Keys)}");
        return _current!;
    }

    private string Name(ValueSyntax value, SettingSource source)
    {
        string name = (value as StringValueSyntax)?.Value ?? "";
        if (name.Length is 0 or > NameLengthMax || name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')))
        {
            Refuse(source, string.Create(CultureInfo.InvariantCulture, $"exec.name must be 1 to {NameLengthMax} letters, digits, dashes, underscores and dots, in quotes."));
        }

        return name;
    }

    private IReadOnlyList<string> Command(ValueSyntax value, SettingSource source)
    {
        string?[] words = value switch
        {
            StringValueSyntax text => ["/bin/sh", "-c", text.Value],
            ArraySyntax array => [.. array.Items.Select(item => (item.Value as StringValueSyntax)?.Value)],
            _ => [],
        };
        if (words.Length == 0 || string.IsNullOrWhiteSpace(words[0]) || string.IsNullOrWhiteSpace(words[^1]) || words.Any(word => word is null || word.Contains('\0', StringComparison.Ordinal)))
        {
            Refuse(source, "exec.command must be a list of a program and its arguments, [\"/usr/local/bin/status\", \"--brief\"], or a text for the shell, \"df | awk ...\".");
        }
        else if (words[0]![0] != '/' && words[0]!.Contains('/', StringComparison.Ordinal))
        {
            Refuse(source, $"exec.command begins with {words[0]}, which is no full path: write the path from / on, or the name alone of a program in PATH.");
        }

        return [.. words.Select(word => word ?? "")];
    }

    private double Number(string key, ValueSyntax value, SettingSource source, double least, double most, bool isWhole)
    {
        double? number = value switch
        {
            IntegerValueSyntax whole => whole.Value,
            FloatValueSyntax fraction when !isWhole => fraction.Value,
            _ => null,
        };
        if (number >= least && number <= most)
        {
            return number.Value;
        }

        Refuse(source, string.Create(CultureInfo.InvariantCulture, $"exec.{key} must be a {(isWhole ? "whole " : "")}number from {least} to {most}{(value is StringValueSyntax ? ", without quotes" : "")}."));
        return least;
    }

    private void AddAttribute(string key, ValueSyntax value, SettingSource source)
    {
        if (value is not StringValueSyntax { Value: { Length: <= AttributeLengthMax } text } || key.Length is 0 or > AttributeLengthMax)
        {
            Refuse(source, string.Create(CultureInfo.InvariantCulture, $"exec.attributes.{key} must be a text of at most {AttributeLengthMax} characters, in quotes."));
        }
        else if (_attributes.Count == AttributesMax)
        {
            Refuse(source, string.Create(CultureInfo.InvariantCulture, $"exec.attributes.{key} is one too many: a command may have {AttributesMax}."));
        }
        else
        {
            _attributes[key] = text;
        }
    }

    private void Refuse(SettingSource source, string problem)
    {
        _isBad = true;
        values.Refuse(source, problem);
    }
}
