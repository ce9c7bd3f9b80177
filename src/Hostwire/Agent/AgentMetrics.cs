using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Agent;

/// <summary>The metrics that an agent keeps of itself: for <c>/metrics</c>, and by the collector <c>agent</c> in its own records. <c>docs/monitoring.md</c> and <c>docs/metrics.md</c> list them; tests compare.</summary>
internal static class AgentMetrics
{
    private const string Prefix = "hostwire.agent.";

    /// <summary>How long Kafka takes.</summary>
    public static SelfHistogram AcknowledgementDuration { get; } = new()
    {
        Name = $"{Prefix}acknowledgement.duration",
        Unit = "s",
        Description = "Time from handing a record to the Kafka client to the broker's acknowledgement.",
        Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    /// <summary>All others.</summary>
    public static SelfMetric<AgentCounters>[] All { get; } =
    [
        Counter("scrapes", "{scrapes}", "Passes over the collectors that yielded anything.", c => c.ScrapesTaken),
        Counter("points", "{points}", "Points in those scrapes.", c => c.PointsTaken),
        new(Define("collector.duration", MetricKind.Gauge, "s", "How long a collector's last call took, or a command's (exec.NAME) last run.", "collector"), (counters, to) =>
        {
            foreach (CollectorFigures figures in counters.Collectors)
            {
                to.Add(figures.LastDuration.TotalSeconds, figures.Name);
            }
        }),
        new(Define("collector.success", MetricKind.Gauge, "{state}", "1 where a collector's last call, or a command's (exec.NAME) last run, went well, else 0.", "collector"), (counters, to) =>
        {
            foreach (CollectorFigures figures in counters.Collectors)
            {
                to.Add(figures.LastWorked ? 1 : 0, figures.Name);
            }
        }),
        Counter("collector.failures", "{failures}", "Calls of collectors and runs of commands that failed; what they would have yielded is missing from the scrape.", c => c.CollectorFailures),
        Counter("collector.timeouts", "{timeouts}", "Calls of collectors and runs of commands that took too long, or were left out because an earlier one had not come back.", c => c.CollectorTimeouts),
        Counter("exec.bad_lines", "{lines}", "Lines that commands (exec) printed and that were left out: not understood, or a series for the second time.", c => c.ExecBadLines),
        Counter("records.queued", "{records}", "Records put into the queue: one a scrape, and one more for each that was halved.", c => c.RecordsQueued),
        Counter("records.acknowledged", "{records}", "Records that a broker has acknowledged.", c => c.RecordsAcknowledged),
        Counter("records.acknowledged.size", "By", "Bytes of those records, before compression.", c => c.BytesAcknowledged),
        Counter("records.split", "{records}", "Records that were too large for the topic and were halved.", c => c.RecordsSplit),
        new(Define("records.dropped", MetricKind.Counter, "{records}", "Records lost before they reached Kafka, by the reason.", "reason"), (counters, to) => counters.Drops.Read(to)),
        UpDown("queue.records", "{records}", "Records that wait for a broker's acknowledgement.", c => c.RecordsWaiting),
        UpDown("queue.usage", "By", "Bytes of the records that wait.", c => c.BytesWaiting),
        UpDown("queue.limit", "By", "Bytes beyond which the oldest record that waits is dropped.", c => c.QueueLimit),
        new(Define("kafka.errors", MetricKind.Counter, "{errors}", "Errors that the Kafka client reported, by what was wrong.", "kind"), (counters, to) => counters.KafkaErrors.Read(to)),
        Counter("producers.renewed", "{producers}", "Kafka producers given up after an error that only a new one gets over.", c => c.ProducersRenewed),
        Counter("spool.failures", "{failures}", "Times that the spool's file could not be used and records were kept in memory alone.", c => c.SpoolFailures),
        Counter("spool.damages", "{damages}", "Times that the spool's file was found damaged and set aside.", c => c.SpoolsDamaged),
    ];

    /// <summary>The distribution's parts, as they travel in the agent's own records, under the names that the sink gives the parts of any.</summary>
    public static SelfMetric<AgentCounters>[] Parts { get; } =
    [
        new(Define("acknowledgement.duration.count", MetricKind.Counter, "1", "How many acknowledgements hostwire.agent.acknowledgement.duration.sum adds up."), (c, to) => to.Add(c.RecordsAcknowledged)),
        new(Define("acknowledgement.duration.sum", MetricKind.Counter, "s", "Time from handing records to the Kafka client to the broker's acknowledgement, added up."),
            (c, to) => to.Add(c.AcknowledgementTime.TotalSeconds)),
    ];

    /// <summary>Until when the certificates in use are valid.</summary>
    public static SelfMetric<CertificateWatch> CertificateExpiry { get; } = CertificateWatch.Metric("agent");

    /// <summary>A metric of the agent's.</summary>
    public static Metric Define(string name, MetricKind kind, string unit, string description, params string[] attributes) => new()
    {
        Name = Prefix + name,
        Unit = unit,
        Kind = kind,
        IsInteger = unit is not "s" and not "d",
        Description = description,
        Source = "hostwire agent",
        AttributeKeys = attributes,
    };

    private static SelfMetric<AgentCounters> Counter(string name, string unit, string description, Func<AgentCounters, long> read) =>
        new(Define(name, MetricKind.Counter, unit, description), (counters, to) => to.Add(read(counters)));

    private static SelfMetric<AgentCounters> UpDown(string name, string unit, string description, Func<AgentCounters, long> read) =>
        new(Define(name, MetricKind.UpDown, unit, description), (counters, to) => to.Add(read(counters)));
}
