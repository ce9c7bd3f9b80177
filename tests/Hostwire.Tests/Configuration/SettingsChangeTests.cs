using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class SettingsChangeTests
{
    private const SettingSections AgentSections = SettingSections.Agent | SettingSections.Kafka | SettingSections.Metrics | SettingSections.Log;

    private static HostwireOptions InForce { get; } = new()
    {
        Kafka = new KafkaOptions { BootstrapServers = "kafka:9092", Password = "one", Properties = Table(("linger.ms", "5")) },
        Agent = new AgentOptions { SpoolFile = "/a", Attributes = Table(("env", "prod")) },
        Exec = [Command("backup")],
    };

    [Fact]
    public void Same_settings_change_nothing_wherever_they_stand_now()
    {
        HostwireOptions read = InForce with { Exec = [Command("backup") with { Source = new SettingSource(SettingSourceKind.File, "f", 7) }] };
        SettingsChange change = SettingsChange.Of(InForce, read, "agent", AgentSections);
        Assert.Empty(change.Applied);
        Assert.Empty(change.NeedRestart);
    }

    [Fact]
    public void Keys_that_changed_are_named_and_those_that_need_a_restart_keep_their_values()
    {
        HostwireOptions read = InForce with
        {
            Kafka = InForce.Kafka with { Password = "two", Properties = Table(("retries", "3")) },
            Agent = InForce.Agent with { SpoolFile = "/b", IntervalSeconds = 7, Attributes = Table(("env", "test")) },
            Metrics = new MetricsOptions { AgentListen = "127.0.0.1:1", SinkListen = "127.0.0.1:2" },
            Sink = new SinkOptions { Group = "other" },
            Exec = [Command("backup") with { Command = ["true"] }],
        };
        SettingsChange change = SettingsChange.Of(InForce, read, "agent", AgentSections);
        Assert.Equal(["kafka.password", "agent.interval_seconds", "kafka.properties.linger.ms", "kafka.properties.retries", "agent.attributes.env", "exec"], change.Applied);
        Assert.Equal(["agent.spool_file", "metrics.agent_listen"], change.NeedRestart);
        Assert.Equal(("/a", InForce.Metrics.AgentListen), (change.Options.Agent.SpoolFile, change.Options.Metrics.AgentListen));
        Assert.Equal((7, "two"), (change.Options.Agent.IntervalSeconds, change.Options.Kafka.Password));
    }

    private static Dictionary<string, string> Table(params (string Name, string Value)[] entries) =>
        entries.ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal);

    private static ExecOptions Command(string name) => new() { Name = name, Command = ["/bin/backup", "--status"], Attributes = Table(("job", name)) };
}
