using System.Globalization;

namespace Hostwire.Configuration;

/// <summary>
/// One setting as <see cref="Settings.All"/> lists it: TOML key, environment variable, flag, help, documentation and the example file are made from this. Values
/// travel as text in a canonical form, in the invariant culture; <see cref="Parse"/> makes it.
/// </summary>
/// <param name="Key">The key, e.g. <c>kafka.topic</c>: section, dot, name.</param>
/// <param name="Kind">What values it takes.</param>
/// <param name="Description">What it does, in whole sentences without the default.</param>
/// <param name="Read">Takes its value, in canonical form, from the options.</param>
/// <param name="Write">The options with a value, in canonical form, put in.</param>
public sealed record Setting(
    string Key,
    SettingKind Kind,
    string Description,
    Func<HostwireOptions, string> Read,
    Func<HostwireOptions, string, HostwireOptions> Write)
{
    /// <summary>The prefix of every environment variable of ours.</summary>
    public const string EnvironmentPrefix = "HOSTWIRE_";

    /// <summary>What stands for the value in help, e.g. <c>HOST:PORT</c>.</summary>
    public string Placeholder { get; init; } = "TEXT";

    /// <summary>The words a <see cref="SettingKind.Choice"/> takes; an empty one means that the setting may be empty.</summary>
    public string[] Choices { get; init; } = [];

    /// <summary>The least number it takes.</summary>
    public double Minimum { get; init; }

    /// <summary>The greatest number it takes.</summary>
    public double Maximum { get; init; }

    /// <summary>Of a <see cref="SettingKind.List"/>: what is wrong with an item, as a sentence that goes on after the key; null where nothing is.</summary>
    public Func<string, string?> ItemProblem { get; init; } = _ => null;

    /// <summary>Whether the value must never be shown, nor stand on a command line.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether the value has a secret inside that must not be shown, but may otherwise be: <c>postgres.uri</c>.</summary>
    public bool HoldsPassword { get; init; }

    /// <summary>Whether a reload leaves it as it is: only a restart applies it.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>Whether help leaves the flag out: one of many of its kind.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The flag: <c>--kafka-topic</c>, or a shorter one where people know it by that.</summary>
    public string Flag { get => field ?? "--" + Key.Replace('.', '-').Replace('_', '-'); init; }

    /// <summary>The environment variable: <c>HOSTWIRE_KAFKA_TOPIC</c>.</summary>
    public string Variable => EnvironmentPrefix + Key.Replace('.', '_').ToUpperInvariant();

    /// <summary>The section it belongs to.</summary>
    public SettingSections Section => Key[..Key.IndexOf('.', StringComparison.Ordinal)] switch
    {
        "kafka" => SettingSections.Kafka,
        "postgres" => SettingSections.Postgres,
        "agent" => SettingSections.Agent,
        "sink" => SettingSections.Sink,
        "metrics" => SettingSections.Metrics,
        "log" => SettingSections.Log,
        string other => throw new InvalidOperationException($"There is no section {other}."),
    };

    /// <summary>The default, in canonical form.</summary>
    public string Default => Read(new HostwireOptions());

    /// <summary>The value in canonical form; or null, and what is wrong with it as a sentence that goes on after the key. A secret is not repeated.</summary>
    public string? Parse(string text, out string problem)
    {
        if (Kind == SettingKind.List)
        {
            return ParseList(ListText.Split(text), out problem);
        }

        string? canonical = Kind switch
        {
            SettingKind.Choice => Choices.Contains(text, StringComparer.Ordinal) ? text : null,
            SettingKind.Boolean => text is "true" or "false" ? text : null,
            SettingKind.Whole => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && IsInRange(whole)
                ? whole.ToString(CultureInfo.InvariantCulture)
                : null,
            SettingKind.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && IsInRange(number)
                ? number.ToString(CultureInfo.InvariantCulture)
                : null,
            SettingKind.Path => FilePath.Expand(text),
            _ => text,
        };
        problem = canonical is not null ? "" : IsSecret ? $"must be {Values}." : $"must be {Values}, not \"{text}\".{Nearest(text)}";
        return canonical;
    }

    /// <summary>As <see cref="Parse"/>, of a list whose items are known.</summary>
    public string? ParseList(IReadOnlyList<string> items, out string problem)
    {
        problem = items.Select(ItemProblem).FirstOrDefault(found => found is not null) ?? "";
        return problem.Length == 0 ? ListText.Join(items) : null;
    }

    /// <summary>A value in canonical form as the settings file has it.</summary>
    public string ToToml(string canonical) => Kind switch
    {
        SettingKind.List => ListText.ToToml(ListText.Split(canonical)),
        SettingKind.Text or SettingKind.Path or SettingKind.Choice => $"\"{canonical}\"",
        _ => canonical,
    };

    /// <summary>What values it takes, for people: <c>a whole number from 1 to 100</c>.</summary>
    public string Values => Kind switch
    {
        SettingKind.Choice => string.Join(", ", Choices.Where(choice => choice.Length > 0).SkipLast(1)) + " or " + Choices[^1],
        SettingKind.Boolean => "true or false",
        SettingKind.Whole => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Minimum} to {Maximum}"),
        SettingKind.Number => string.Create(CultureInfo.InvariantCulture, $"a number from {Minimum} to {Maximum}"),
        SettingKind.Path => "a path",
        SettingKind.List => "a list such as [\"a\", \"b\"]",
        _ => "text",
    };

    private bool IsInRange(double value) => value >= Minimum && value <= Maximum;

    private string Nearest(string text) => Kind == SettingKind.Choice ? NearestName.Question(text, Choices.Where(choice => choice.Length > 0)) : "";
}
