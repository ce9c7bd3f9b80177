using System.Globalization;
using Hostwire.Diagnostics;

namespace Hostwire.EndToEnd;

/// <summary>The options of a benchmark: <c>--name value</c>, all of them numbers or words.</summary>
internal sealed class BenchArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Takes the command line apart.</summary>
    /// <exception cref="UserException">It is not made of pairs.</exception>
    public static BenchArguments Parse(string[] arguments)
    {
        var parsed = new BenchArguments();
        for (int index = 0; index < arguments.Length; index += 2)
        {
            if (!arguments[index].StartsWith("--", StringComparison.Ordinal) || index + 1 == arguments.Length)
            {
                throw new UserException($"{arguments[index]} is no option with a value, such as --rounds 3.", ExitCode.Usage);
            }

            parsed._values[arguments[index][2..]] = arguments[index + 1];
        }

        return parsed;
    }

    /// <summary>A whole number of at least 1; thousands may be set apart with <c>_</c>.</summary>
    public int Number(string name, int otherwise)
    {
        _asked.Add(name);
        if (!_values.TryGetValue(name, out string? text))
        {
            return otherwise;
        }

        return int.TryParse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new UserException($"--{name} is {text}, which is no whole number above 0.", ExitCode.Usage);
    }

    /// <summary>One of a few words.</summary>
    public string Word(string name, string otherwise, params string[] allowed)
    {
        _asked.Add(name);
        string word = _values.GetValueOrDefault(name, otherwise);
        return allowed.Contains(word, StringComparer.Ordinal) ? word : throw new UserException($"--{name} is {word}; it can be {string.Join(", ", allowed)}.", ExitCode.Usage);
    }

    /// <summary>Fails where there is an option that nobody has asked for; call it after the others.</summary>
    public void End()
    {
        if (_values.Keys.FirstOrDefault(name => !_asked.Contains(name)) is { } unknown)
        {
            throw new UserException($"There is no --{unknown}. Options: {string.Join(", ", _asked.Select(name => $"--{name}"))}.", ExitCode.Usage);
        }
    }
}
