using System.Globalization;
using Hostwire.Collectors;

namespace Hostwire.Configuration;

/// <summary>Every setting there is, once. Their defaults are those of the option records.</summary>
public static class Settings
{
    private const int SecondsADay = 86_400;

    /// <summary>The settings, in the order in which people read about them.</summary>
    public static Setting[] All { get; } =
    [
        Kafka("kafka.bootstrap_servers", "HOST:PORT", "Where Kafka is: HOST:PORT, several separated by commas.",
            o => o.BootstrapServers, (o, v) => o with { BootstrapServers = v }),
        Kafka("kafka.topic", "NAME", "The topic on which the metrics travel.",
            o => o.Topic, (o, v) => o with { Topic = v }),
        Kafka("kafka.security", "ssl|sasl_ssl|plaintext", "How to connect: ssl, sasl_ssl or plaintext. Empty: sasl_ssl where a user name is given, else ssl; never plaintext by itself.",
            o => o.Security, (o, v) => o with { Security = v }) with { Kind = SettingKind.Choice, Choices = ["", "ssl", "sasl_ssl", "plaintext"] },
        Path("kafka.ca_file", "The CA that signed the brokers' certificates, as PEM (Aiven: ca.pem). Empty: the CAs of the system.",
            o => o.Kafka.CaFile, (o, v) => o with { Kafka = o.Kafka with { CaFile = v } }),
        Path("kafka.certificate_file", "The client's certificate for mutual TLS, as PEM (Aiven: service.cert).",
            o => o.Kafka.CertificateFile, (o, v) => o with { Kafka = o.Kafka with { CertificateFile = v } }),
        Path("kafka.key_file", "The client's private key for mutual TLS, as PEM (Aiven: service.key).",
            o => o.Kafka.KeyFile, (o, v) => o with { Kafka = o.Kafka with { KeyFile = v } }),
        Boolean("kafka.tls_verify", "Whether the brokers' certificates and host names are verified. Only false switches it off.",
            o => o.Kafka.TlsVerify, (o, v) => o with { Kafka = o.Kafka with { TlsVerify = v } }),
        Kafka("kafka.sasl_mechanism", "NAME", "How the user logs in: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN.",
            o => o.SaslMechanism, (o, v) => o with { SaslMechanism = v }) with { Kind = SettingKind.Choice, Choices = ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] },
        Kafka("kafka.username", "NAME", "The SASL user.",
            o => o.Username, (o, v) => o with { Username = v }),
        Kafka("kafka.password", "PASSWORD", "The SASL password.",
            o => o.Password, (o, v) => o with { Password = v }) with { IsSecret = true },
        Path("kafka.password_file", "A file that holds the SASL password, such as a systemd credential or a mounted secret, instead of kafka.password.",
            o => o.Kafka.PasswordFile, (o, v) => o with { Kafka = o.Kafka with { PasswordFile = v } }),

        new("postgres.uri", SettingKind.Text, "Where PostgreSQL is, as Aiven prints it: postgres://USER:PASSWORD@HOST:PORT/DATABASE and parameters such as ?sslmode=require.",
            o => o.Postgres.Uri, (o, v) => o with { Postgres = o.Postgres with { Uri = v } }) { Placeholder = "URI", HoldsPassword = true },
        new("postgres.password", SettingKind.Text, "The password, instead of one in the URI.",
            o => o.Postgres.Password, (o, v) => o with { Postgres = o.Postgres with { Password = v } }) { Placeholder = "PASSWORD", IsSecret = true },
        Path("postgres.password_file", "A file that holds the password, such as a systemd credential or a mounted secret, instead of postgres.password.",
            o => o.Postgres.PasswordFile, (o, v) => o with { Postgres = o.Postgres with { PasswordFile = v } }),
        Path("postgres.ca_file", "The CA that signed the server's certificate, as PEM (Aiven: ca.pem). Empty: sslrootcert of the URI, else the CAs of the system.",
            o => o.Postgres.CaFile, (o, v) => o with { Postgres = o.Postgres with { CaFile = v } }),
        Boolean("postgres.tls_verify", "Whether the server's certificate and host name are verified, whatever sslmode says. Only false switches it off; sslmode=disable means no TLS at all.",
            o => o.Postgres.TlsVerify, (o, v) => o with { Postgres = o.Postgres with { TlsVerify = v } }),
        Whole("postgres.max_connections", 1, 1000, "The most connections one process opens.",
            o => o.Postgres.MaxConnections, (o, v) => o with { Postgres = o.Postgres with { MaxConnections = (int)v } }),

        new("agent.host_name", SettingKind.Text, "What this host is called, sent as host.name. Empty: the kernel's name.",
            o => o.Agent.HostName, (o, v) => o with { Agent = o.Agent with { HostName = v } }) { Placeholder = "NAME" },
        new("agent.host_id", SettingKind.Text, "What tells this host from another of the same name, sent as host.id. Empty: /etc/machine-id under the root.",
            o => o.Agent.HostId, (o, v) => o with { Agent = o.Agent with { HostId = v } }) { Placeholder = "ID" },
        Whole("agent.interval_seconds", 0, SecondsADay, "How often every collector reads, in seconds. 0: each as often as its own default says.",
            o => o.Agent.IntervalSeconds, (o, v) => o with { Agent = o.Agent with { IntervalSeconds = (int)v } }),
        Number("agent.phase_seconds", -1, SecondsADay, "Where in its interval this host reads, in seconds after the full interval. -1: a stable one made from the host's identity, so that a fleet spreads itself.",
            o => o.Agent.PhaseSeconds, (o, v) => o with { Agent = o.Agent with { PhaseSeconds = v } }),
        Number("agent.collector_timeout_seconds", 0.01, 3600, "How long a collector may take, in seconds; a slower one is left out of the scrape.",
            o => o.Agent.CollectorTimeoutSeconds, (o, v) => o with { Agent = o.Agent with { CollectorTimeoutSeconds = v } }),
        Boolean("agent.spool", "Whether records are kept in a file until Kafka has them. False: in memory alone, and lost with the agent.",
            o => o.Agent.Spool, (o, v) => o with { Agent = o.Agent with { Spool = v } }) with { NeedsRestart = true },
        Path("agent.spool_file", "The spool's file. Empty: spool.db in systemd's STATE_DIRECTORY, else for root in /var/lib/hostwire, else in hostwire of $XDG_STATE_HOME or ~/.local/state.",
            o => o.Agent.SpoolFile, (o, v) => o with { Agent = o.Agent with { SpoolFile = v } }) with { NeedsRestart = true },
        Whole("agent.spool_max_bytes", 1_048_576, 1L << 40, "How much waits in the spool while Kafka is away, in bytes of records; beyond it the oldest is dropped and counted.",
            o => o.Agent.SpoolMaxBytes, (o, v) => o with { Agent = o.Agent with { SpoolMaxBytes = v } }),
        Whole("agent.spool_max_age_hours", 1, 8760, "How long a record waits in the spool at most, in hours; then it is dropped and counted. What the sink no longer keeps need not be sent.",
            o => o.Agent.SpoolMaxAgeHours, (o, v) => o with { Agent = o.Agent with { SpoolMaxAgeHours = (int)v } }),
        Whole("agent.spool_sync_seconds", 0, 3600, "How many seconds of records a power cut may cost while Kafka is away. 0: none, at the price of a disk write that is waited for with every scrape.",
            o => o.Agent.SpoolSyncSeconds, (o, v) => o with { Agent = o.Agent with { SpoolSyncSeconds = (int)v } }),
        Whole("agent.queue_max_bytes", 65_536, 1L << 40, "How much waits in memory while Kafka is away and there is no spool, or its file cannot be written, in bytes; beyond it the oldest is dropped and counted.",
            o => o.Agent.QueueMaxBytes, (o, v) => o with { Agent = o.Agent with { QueueMaxBytes = v } }),
        Boolean("agent.per_cpu", "Whether each CPU has series of its own. False: all together have one, cpu = \"all\": times added up, shares and frequencies on average.",
            o => o.Agent.PerCpu, (o, v) => o with { Agent = o.Agent with { PerCpu = v } }),
        Whole("agent.top_processes", 1, 50, "How many programs the collector top sends by CPU, and how many by memory. It is off unless agent.collectors.top.enabled is true.",
            o => o.Agent.TopProcesses, (o, v) => o with { Agent = o.Agent with { TopProcesses = (int)v } }),
        Patterns("agent.include_interfaces", "Which network interfaces are sampled, as patterns with * and ?. Empty: all that are not excluded.",
            o => o.Agent.IncludeInterfaces, (o, v) => o with { Agent = o.Agent with { IncludeInterfaces = v } }),
        Patterns("agent.exclude_interfaces", "Which network interfaces are not. What it is set to replaces the default: the host's ends of containers' interfaces, which come and go.",
            o => o.Agent.ExcludeInterfaces, (o, v) => o with { Agent = o.Agent with { ExcludeInterfaces = v } }),
        Patterns("agent.include_disks", "Which disks and partitions are sampled, by their names in /proc/diskstats. Empty: all that are not excluded.",
            o => o.Agent.IncludeDisks, (o, v) => o with { Agent = o.Agent with { IncludeDisks = v } }),
        Patterns("agent.exclude_disks", "Which disks and partitions are not.",
            o => o.Agent.ExcludeDisks, (o, v) => o with { Agent = o.Agent with { ExcludeDisks = v } }),
        Patterns("agent.include_mounts", "The file systems on which mount points are sampled; * takes slashes too. Empty: all that are not excluded.",
            o => o.Agent.IncludeMounts, (o, v) => o with { Agent = o.Agent with { IncludeMounts = v } }),
        Patterns("agent.exclude_mounts", "The file systems on which mount points are not.",
            o => o.Agent.ExcludeMounts, (o, v) => o with { Agent = o.Agent with { ExcludeMounts = v } }),
        Patterns("agent.include_filesystems", "File systems of which types are sampled, e.g. ext4, xfs, nfs4, tmpfs. Empty: those that lie on a device (not tmpfs, overlay, NFS), ZFS, and the root, whatever it is.",
            o => o.Agent.IncludeFilesystems, (o, v) => o with { Agent = o.Agent with { IncludeFilesystems = v } }),
        Patterns("agent.exclude_filesystems", "File systems of which types are not, except for the root.",
            o => o.Agent.ExcludeFilesystems, (o, v) => o with { Agent = o.Agent with { ExcludeFilesystems = v } }),
        Path("agent.procfs", "Where the proc file system is mounted.",
            o => o.Agent.Procfs, (o, v) => o with { Agent = o.Agent with { Procfs = v } }) with { Flag = "--procfs", Placeholder = "DIR" },
        Path("agent.sysfs", "Where the sys file system is mounted.",
            o => o.Agent.Sysfs, (o, v) => o with { Agent = o.Agent with { Sysfs = v } }) with { Flag = "--sysfs", Placeholder = "DIR" },
        Path("agent.rootfs", "Where the host's root is mounted, under which its mount points and /etc/machine-id are looked up.",
            o => o.Agent.Rootfs, (o, v) => o with { Agent = o.Agent with { Rootfs = v } }) with { Flag = "--rootfs", Placeholder = "DIR" },
        .. CollectorCatalogue.All.SelectMany(Collector),

        new("sink.group", SettingKind.Text, "The Kafka consumer group; sinks of one group share the partitions of the topic.",
            o => o.Sink.Group, (o, v) => o with { Sink = o.Sink with { Group = v } }) { Placeholder = "NAME" },
        Whole("sink.batch_max_bytes", 65_536, 1L << 30, "A batch of this many bytes of records is stored at once; three of them at most are in memory.",
            o => o.Sink.BatchMaxBytes, (o, v) => o with { Sink = o.Sink with { BatchMaxBytes = (int)v } }),
        Whole("sink.batch_max_milliseconds", 1, 60_000, "How long a record waits for others at most before it is stored, in milliseconds.",
            o => o.Sink.BatchMaxMilliseconds, (o, v) => o with { Sink = o.Sink with { BatchMaxMilliseconds = (int)v } }),
        Whole("sink.retention_days", 1, 36_500, "Data older than this is dropped, a day at a time. Kept in the database, where the last one to set it wins.",
            o => o.Sink.RetentionDays, (o, v) => o with { Sink = o.Sink with { RetentionDays = (int)v } }),
        Boolean("sink.migrate", "Whether the sink brings the schema up to date at start. False: it refuses to start on another version.",
            o => o.Sink.Migrate, (o, v) => o with { Sink = o.Sink with { Migrate = v } }),

        Metrics("metrics.agent_listen", "ADDRESS:PORT", "Where the agent answers /healthz, /readyz and /metrics over HTTP. Empty: nowhere.",
            o => o.AgentListen, (o, v) => o with { AgentListen = v }),
        Metrics("metrics.sink_listen", "ADDRESS:PORT", "Where the sink does. Empty: nowhere.",
            o => o.SinkListen, (o, v) => o with { SinkListen = v }),
        Metrics("metrics.otlp_endpoint", "URL", "Where agent and sink push the metrics of /metrics by OTLP (http/protobuf), such as http://127.0.0.1:4318. Empty: nowhere.",
            o => o.OtlpEndpoint, (o, v) => o with { OtlpEndpoint = v }),
        Whole("metrics.otlp_interval_seconds", 1, SecondsADay, "How often they push, in seconds.",
            o => o.Metrics.OtlpIntervalSeconds, (o, v) => o with { Metrics = o.Metrics with { OtlpIntervalSeconds = (int)v } }) with { NeedsRestart = true },
        Metrics("metrics.otlp_headers", "NAME=VALUE", "Headers sent with each push, NAME=VALUE, several separated by commas, such as a login.",
            o => o.OtlpHeaders, (o, v) => o with { OtlpHeaders = v }) with { IsSecret = true },

        new("log.level", SettingKind.Choice, "The least level that is logged: debug, info, warning or error. At debug an error shows its stack trace.",
            o => o.Log.Level, (o, v) => o with { Log = o.Log with { Level = v } })
            { Placeholder = "LEVEL", Choices = ["debug", "info", "warning", "error"] },
        new("log.format", SettingKind.Choice, "How an event is written to stderr: text (key=value) or json; one line either way.",
            o => o.Log.Format, (o, v) => o with { Log = o.Log with { Format = v } })
            { Placeholder = "FORMAT", Choices = ["text", "json"] },
    ];

    /// <summary>The setting with a key; null where there is none.</summary>
    public static Setting? Find(string key) => Array.Find(All, setting => setting.Key.Equals(key, StringComparison.Ordinal));

    private static IEnumerable<Setting> Collector(CollectorDefinition collector)
    {
        string name = collector.Name;
        yield return Boolean($"agent.collectors.{name}.enabled", $"Whether the collector {name} runs. {collector.Description}",
            o => CollectorOptions.Of(o.Agent, collector).Enabled, (o, v) => With(o, name, CollectorOptions.Of(o.Agent, collector) with { Enabled = v })) with { IsHidden = true };
        yield return Whole($"agent.collectors.{name}.interval_seconds", 0, SecondsADay,
            string.Create(CultureInfo.InvariantCulture, $"How often the collector {name} reads, in seconds. 0: agent.interval_seconds, else its default of {collector.IntervalSeconds}."),
            o => CollectorOptions.Of(o.Agent, collector).IntervalSeconds,
            (o, v) => With(o, name, CollectorOptions.Of(o.Agent, collector) with { IntervalSeconds = (int)v })) with { IsHidden = true };
    }

    private static HostwireOptions With(HostwireOptions options, string name, CollectorOptions collector) => options with
    {
        Agent = options.Agent with
        {
            Collectors = new Dictionary<string, CollectorOptions>(options.Agent.Collectors, StringComparer.Ordinal) { [name] = collector },
        },
    };

    private static Setting Kafka(string key, string placeholder, string description, Func<KafkaOptions, string> read, Func<KafkaOptions, string, KafkaOptions> write) =>
        new(key, SettingKind.Text, description, o => read(o.Kafka), (o, v) => o with { Kafka = write(o.Kafka, v) }) { Placeholder = placeholder };

    private static Setting Metrics(string key, string placeholder, string description, Func<MetricsOptions, string> read, Func<MetricsOptions, string, MetricsOptions> write) =>
        new(key, SettingKind.Text, description, o => read(o.Metrics), (o, v) => o with { Metrics = write(o.Metrics, v) }) { Placeholder = placeholder, NeedsRestart = true };

    private static Setting Path(string key, string description, Func<HostwireOptions, string> read, Func<HostwireOptions, string, HostwireOptions> write) =>
        new(key, SettingKind.Path, description, read, write) { Placeholder = "FILE" };

    private static Setting Patterns(
        string key, string description, Func<HostwireOptions, IReadOnlyList<string>> read, Func<HostwireOptions, IReadOnlyList<string>, HostwireOptions> write) =>
        new(key, SettingKind.List, description, o => ListText.Join(read(o)), (o, v) => write(o, ListText.Split(v)))
        { Placeholder = "PATTERN,...", ItemProblem = NamePattern.Problem };

    private static Setting Boolean(string key, string description, Func<HostwireOptions, bool> read, Func<HostwireOptions, bool, HostwireOptions> write) =>
        new(key, SettingKind.Boolean, description, o => read(o) ? "true" : "false", (o, v) => write(o, v is "true")) { Placeholder = "true|false" };

    private static Setting Whole(
        string key, long minimum, long maximum, string description, Func<HostwireOptions, long> read, Func<HostwireOptions, long, HostwireOptions> write) =>
        new(key, SettingKind.Whole, description,
            o => read(o).ToString(CultureInfo.InvariantCulture), (o, v) => write(o, long.Parse(v, CultureInfo.InvariantCulture)))
        { Placeholder = "N", Minimum = minimum, Maximum = maximum };

    private static Setting Number(
        string key, double minimum, double maximum, string description, Func<HostwireOptions, double> read, Func<HostwireOptions, double, HostwireOptions> write) =>
        new(key, SettingKind.Number, description,
            o => read(o).ToString(CultureInfo.InvariantCulture), (o, v) => write(o, double.Parse(v, CultureInfo.InvariantCulture)))
        { Placeholder = "N", Minimum = minimum, Maximum = maximum };
}
