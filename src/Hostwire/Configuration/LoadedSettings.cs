using Hostwire.Kafka;
using Hostwire.Store;

namespace Hostwire.Configuration;

/// <summary>The settings a verb runs with, and where each comes from.</summary>
public sealed class LoadedSettings
{
    internal LoadedSettings(HostwireOptions options, IReadOnlyDictionary<string, SettingValue> values, string? file, IReadOnlyList<string> warnings)
    {
        Options = options;
        Values = values;
        File = file;
        Warnings = warnings;
    }

    /// <summary>The settings themselves.</summary>
    public HostwireOptions Options { get; }

    /// <summary>What was set, by key; what was not has its default.</summary>
    public IReadOnlyDictionary<string, SettingValue> Values { get; }

    /// <summary>The settings file that was read, if any.</summary>
    public string? File { get; }

    /// <summary>What should be mended but stops nothing.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The value of a setting and where it comes from.</summary>
    public SettingValue Value(Setting setting) => Values.GetValueOrDefault(setting.Key) ?? new(setting.Key, setting.Default, new(SettingSourceKind.Default));

    /// <summary>
    /// What keeps the sections from being used: settings that are required and missing, contradictions, files that cannot be read, properties that librdkafka
    /// refuses; one line each, with source and key.
    /// </summary>
    public IEnumerable<string> Problems(SettingSections sections)
    {
        if (sections.HasFlag(SettingSections.Metrics))
        {
            foreach (SettingProblem problem in Options.Metrics.Problems())
            {
                yield return Placed(problem);
            }
        }

        if (sections.HasFlag(SettingSections.Kafka))
        {
            if (Options.Kafka.BootstrapServers.Length == 0)
            {
                yield return Missing("kafka.bootstrap_servers", "HOST:PORT of your Kafka");
            }

            foreach (SettingProblem problem in KafkaSettings.Problems(Options.Kafka))
            {
                yield return Placed(problem);
            }
        }

        if (sections.HasFlag(SettingSections.Agent))
        {
            foreach (SettingProblem problem in AgentOptions.Problems(Options.Agent))
            {
                yield return Placed(problem);
            }

            foreach (string problem in ExecOptions.Problems(Options.Exec))
            {
                yield return problem;
            }
        }

        if (sections.HasFlag(SettingSections.Postgres))
        {
            if (Options.Postgres.Uri.Length == 0)
            {
                yield return Missing("postgres.uri", "the service URI of your PostgreSQL");
                yield break;
            }

            foreach (SettingProblem problem in PostgresDataSource.Problems(Options.Postgres))
            {
                yield return Placed(problem);
            }
        }
    }

    /// <summary>What is wrong with the sections that say anything at all; for <c>config check</c>, which knows no verb.</summary>
    public IEnumerable<string> ProblemsOfWhatIsSet()
    {
        SettingSections used = SettingSections.None;
        foreach (Setting setting in Settings.All.Where(setting => Values.ContainsKey(setting.Key)))
        {
            used |= setting.Section;
        }

        used |= Options.Exec.Count > 0 ? SettingSections.Agent : SettingSections.None;
        return Problems(Values.Keys.Select(SettingTable.Of).OfType<SettingTable>().Aggregate(used, (sections, table) => sections | table.Section));
    }

    /// <summary>What is wrong with values that were set; what is missing is left out, since it may be missing only because its value was refused.</summary>
    internal IEnumerable<string> ProblemsOfSetKeys() =>
        KafkaSettings.Problems(Options.Kafka)
            .Concat(AgentOptions.Problems(Options.Agent))
            .Concat(PostgresDataSource.Problems(Options.Postgres))
            .Concat(Options.Metrics.Problems())
            .Where(problem => Values.ContainsKey(problem.Key))
            .Select(Placed);

    private string Placed(SettingProblem problem) => Values.TryGetValue(problem.Key, out SettingValue? value) ? $"{value.Source}: {problem}" : problem.ToString();

    private string Missing(string key, string what)
    {
        Setting setting = Settings.Find(key)!;
        return $"{key} is not set: put {what} into {File ?? SettingsSources.UsualFile}, {setting.Variable} or {setting.Flag}.";
    }
}
