namespace Hostwire.Configuration;

/// <summary>Settings that were read again, held against those in force.</summary>
/// <param name="Options">What is to be in force now: the new settings, but for those that only a restart can apply.</param>
/// <param name="Applied">The keys whose values are others than before.</param>
/// <param name="NeedRestart">The keys whose values would be others, and only a restart can apply them.</param>
internal sealed record SettingsChange(HostwireOptions Options, IReadOnlyList<string> Applied, IReadOnlyList<string> NeedRestart)
{
    private const string ListenSuffix = "_listen";

    /// <summary>Compares them.</summary>
    /// <param name="inForce">Those in force.</param>
    /// <param name="read">Those that were read.</param>
    /// <param name="verb">Whose: <c>agent</c> or <c>sink</c>.</param>
    /// <param name="sections">The sections that the verb uses.</param>
    public static SettingsChange Of(HostwireOptions inForce, HostwireOptions read, string verb, SettingSections sections)
    {
        var applied = new List<string>();
        var needRestart = new List<string>();
        HostwireOptions options = read;
        foreach (Setting setting in Settings.All.Where(setting => sections.HasFlag(setting.Section) && !IsOthersAddress(setting, verb)))
        {
            string before = setting.Read(inForce);
            if (before.Equals(setting.Read(read), StringComparison.Ordinal))
            {
                continue;
            }

            (setting.NeedsRestart ? needRestart : applied).Add(setting.Key);
            options = setting.NeedsRestart ? setting.Write(options, before) : options;
        }

        AddTable(SettingTable.KafkaProperties, inForce.Kafka.Properties, read.Kafka.Properties);
        AddTable(SettingTable.AgentAttributes, inForce.Agent.Attributes, read.Agent.Attributes);
        if (sections.HasFlag(SettingSections.Agent) && !IsSame(inForce.Exec, read.Exec))
        {
            applied.Add("exec");
        }

        return new SettingsChange(options, applied, needRestart);

        void AddTable(SettingTable table, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
        {
            if (sections.HasFlag(table.Section))
            {
                applied.AddRange(before.Keys.Union(after.Keys, StringComparer.Ordinal)
                    .Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
                    .Order(StringComparer.Ordinal)
                    .Select(name => $"{table.Key}.{name}"));
            }
        }
    }

    private static bool IsOthersAddress(Setting setting, string verb) =>
        setting.Key.EndsWith(ListenSuffix, StringComparison.Ordinal) && !setting.Key.Equals($"metrics.{verb}{ListenSuffix}", StringComparison.Ordinal);

    private static bool IsSame(IReadOnlyList<ExecOptions> one, IReadOnlyList<ExecOptions> other) =>
        one.Count == other.Count && one.Zip(other).All(pair => pair.First.IsSame(pair.Second));
}
