using System.Text;

namespace Hostwire.Configuration;

/// <summary>The annotated settings file: every setting with its default, commented out. <c>docs/hostwire.example.toml</c> is this text.</summary>
public static class ExampleFile
{
    private const int Width = 110;

    private const string Head = """
        # Settings of Hostwire: one file serves every verb. Copy it to /etc/hostwire/hostwire.toml and take the # away from what you set;
        # what stands here is the default. Environment variables win over this file, and flags over both:
        # kafka.topic is also HOSTWIRE_KAFKA_TOPIC and --kafka-topic. Keep the file from other users (chmod 640) when it holds a password.
        # hostwire config check says what is wrong with it, hostwire config show what comes of it.

        """;

    private const string Collectors = """

        # What else describes this host, under names of your own; sent as host.env, host.role and so on, and in the
        # database in hostwire.host.attributes.
        #[agent.attributes]
        #env = "prod"
        #role = "db"

        # Each collector by its name, as docs/metrics.md lists them.
        #[agent.collectors.load]
        #enabled = true
        # How often it reads, in seconds. 0: agent.interval_seconds, else its own default.
        #interval_seconds = 0

        """;

    private const string Commands = """

        # A command of your own whose output is sent too: lines NAME{label="value"} VALUE, or Prometheus text. As many of these as you
        # like; docs/exec.md has the rest. Nobody else may be able to write this file then.
        #[[exec]]
        #name = "backup"
        # Program and arguments, without a shell; a text instead of the list goes to /bin/sh -c.
        #command = ["/usr/local/bin/backup-status", "--metrics"]
        #interval_seconds = 60
        # After this it is ended, with all that it has started.
        #timeout_seconds = 10
        # A run that prints more is left out.
        #max_output_bytes = 1048576
        # Series beyond these are left out and counted.
        #max_series = 1000
        # Added to each of its series.
        #attributes = { team = "storage" }

        """;

    private const string Properties = """

        # Any property of librdkafka by its name, for what has no key of its own. It wins over what Hostwire sets,
        # but for the few that exactly-once stands on, which are refused.
        #[kafka.properties]
        #"linger.ms" = 50

        """;

    /// <summary>The text.</summary>
    public static string Text()
    {
        var text = new StringBuilder(Head);
        foreach (IGrouping<SettingSections, Setting> section in Settings.All.Where(setting => !setting.IsHidden).GroupBy(setting => setting.Section))
        {
            text.Append('\n').Append('[').Append(section.First().Key.Split('.')[0]).Append("]\n");
            foreach (Setting setting in section)
            {
                Append(text, setting);
            }

            text.Append(section.Key switch
            {
                SettingSections.Kafka => Properties,
                SettingSections.Agent => Collectors + Commands,
                _ => "",
            });
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Setting setting)
    {
        string line = "#";
        foreach (string word in setting.Description.Split(' '))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                text.Append(line).Append('\n');
                line = "#";
            }

            line += " " + word;
        }

        text.Append(line).Append('\n').Append('#').Append(setting.Key.Split('.')[^1]).Append(" = ").Append(setting.ToToml(setting.Default)).Append("\n\n");
    }
}
