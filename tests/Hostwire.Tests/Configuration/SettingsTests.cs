using System.Reflection;
using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class SettingsTests
{
    [Fact]
    public void Every_name_leads_to_one_setting()
    {
        Assert.Distinct(Settings.All.Select(setting => setting.Key), StringComparer.Ordinal);
        Assert.Distinct(Settings.All.Select(setting => setting.Variable), StringComparer.Ordinal);
        Assert.Distinct(Settings.All.Select(setting => setting.Flag), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("kafka.bootstrap_servers", "HOSTWIRE_KAFKA_BOOTSTRAP_SERVERS", "--kafka-bootstrap-servers")]
    [InlineData("agent.procfs", "HOSTWIRE_AGENT_PROCFS", "--procfs")]
    [InlineData("agent.sysfs", "HOSTWIRE_AGENT_SYSFS", "--sysfs")]
    [InlineData("agent.rootfs", "HOSTWIRE_AGENT_ROOTFS", "--rootfs")]
    [InlineData("agent.collectors.load.enabled", "HOSTWIRE_AGENT_COLLECTORS_LOAD_ENABLED", "--agent-collectors-load-enabled")]
    [InlineData("log.level", "HOSTWIRE_LOG_LEVEL", "--log-level")]
    public void A_setting_is_named_alike_everywhere(string key, string variable, string flag)
    {
        Setting setting = Settings.Find(key)!;

        Assert.Equal((variable, flag), (setting.Variable, setting.Flag));
    }

    // The table is written by hand, for reading; this finds what somebody forgot to list, and an option whose two functions mean another property.
    [Fact]
    public void Every_property_of_the_options_has_its_setting_which_reads_and_writes_that_one()
    {
        List<string> unlisted = [];
        foreach (PropertyInfo section in typeof(HostwireOptions).GetProperties())
        {
            foreach (PropertyInfo property in section.PropertyType.GetProperties().Where(property => property.PropertyType.IsPrimitive || property.PropertyType == typeof(string) || property.PropertyType == typeof(IReadOnlyList<string>)))
            {
                Setting? setting = Settings.Find($"{Snake(section.Name)}.{Snake(property.Name)}");
                if (setting is null)
                {
                    unlisted.Add($"{section.Name}.{property.Name}");
                    continue;
                }

                string other = Other(setting);
                HostwireOptions written = setting.Write(new HostwireOptions(), other);
                Assert.Equal(other, setting.Read(written));
                object? value = property.GetValue(section.GetValue(written));
                string? text = value is IReadOnlyList<string> list ? string.Join(',', list) : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(other, text, ignoreCase: true);
            }
        }

        Assert.Empty(unlisted);
    }

    [Fact]
    public void Every_default_is_a_value_that_the_setting_takes() =>
        Assert.All(Settings.All, setting => Assert.Equal(setting.Default, setting.Parse(setting.Default, out _)));

    [Fact]
    public void Every_password_is_secret_and_has_a_file() =>
        Assert.All(
            Settings.All.Where(setting => setting.Key.EndsWith(".password", StringComparison.Ordinal)),
            setting => Assert.True(setting.IsSecret && Settings.Find(setting.Key + "_file") is not null));

    [Theory]
    [InlineData("sink.retention_days", "1000", "1000")]
    [InlineData("sink.retention_days", "007", "7")]
    [InlineData("agent.phase_seconds", "2.50", "2.5")]
    [InlineData("agent.phase_seconds", "-1", "-1")]
    [InlineData("sink.migrate", "false", "false")]
    [InlineData("log.level", "warning", "warning")]
    [InlineData("kafka.security", "", "")]
    [InlineData("agent.exclude_interfaces", "veth*, lo ,,", "veth*,lo")]
    [InlineData("agent.exclude_interfaces", ",", "")]
    [InlineData("agent.exclude_interfaces", "", "")]
    [InlineData("agent.exclude_mounts", @"/a\,b,/c\*", @"/a\,b,/c\*")]
    [InlineData("agent.exclude_mounts", @"/a\,/b", @"/a\,/b")]
    public void A_value_gets_its_canonical_form(string key, string text, string expected) => Assert.Equal(expected, Settings.Find(key)!.Parse(text, out _));

    [Theory]
    [InlineData("sink.retention_days", "0", "must be a whole number from 1 to 36500, not \"0\".")]
    [InlineData("sink.retention_days", "1.5", "must be a whole number from 1 to 36500, not \"1.5\".")]
    [InlineData("sink.retention_days", "1,000", "must be a whole number from 1 to 36500, not \"1,000\".")]
    [InlineData("sink.retention_days", "99999999999999999999", "must be a whole number from 1 to 36500, not \"99999999999999999999\".")]
    [InlineData("agent.interval_seconds", "10s", "must be a whole number from 0 to 86400, not \"10s\".")]
    [InlineData("agent.collector_timeout_seconds", "0", "must be a number from 0.01 to 3600, not \"0\".")]
    [InlineData("agent.collector_timeout_seconds", "NaN", "must be a number from 0.01 to 3600, not \"NaN\".")]
    [InlineData("sink.migrate", "yes", "must be true or false, not \"yes\".")]
    [InlineData("log.level", "warn", "must be debug, info, warning or error, not \"warn\".")]
    [InlineData("log.format", "jsn", "must be text or json, not \"jsn\". Did you mean json?")]
    [InlineData("kafka.sasl_mechanism", "SCRAM-SHA256", "must be SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN, not \"SCRAM-SHA256\". Did you mean SCRAM-SHA-256?")]
    [InlineData("kafka.security", "tls", "must be ssl, sasl_ssl or plaintext, not \"tls\". Did you mean ssl?")]
    public void A_value_out_of_range_is_refused_with_the_range(string key, string text, string expected)
    {
        Assert.Null(Settings.Find(key)!.Parse(text, out string problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Items_of_a_list_come_back_as_they_were_given_commas_and_backslashes_too()
    {
        string[] items = ["a", "b,c", "d\\\\", "e*", "f\\*g", "h\\\\,i"];
        string text = ListText.Join(items);
        Assert.Equal(items, ListText.Split(text));
        Assert.Equal(text, ListText.Join(ListText.Split(text)));
    }

    [Fact]
    public void A_pattern_that_cannot_be_understood_is_refused_with_the_reason()
    {
        Assert.Null(Settings.Find("agent.exclude_disks")!.Parse("loop*,sd[ab]", out string problem));
        Assert.StartsWith("has the pattern \"sd[ab]\": only * and ? stand for others.", problem, StringComparison.Ordinal);
    }

    private static string Other(Setting setting) => setting.Kind switch
    {
        SettingKind.Boolean => setting.Default is "true" ? "false" : "true",
        SettingKind.Choice => setting.Choices.Except([setting.Default], StringComparer.Ordinal).Last(),
        SettingKind.Whole or SettingKind.Number => setting.Default is "77" ? "78" : "77",
        _ => "/another",
    };

    private static string Snake(string name) => string.Concat(name.Select((character, i) => char.IsUpper(character) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(character) : character.ToString()));
}
