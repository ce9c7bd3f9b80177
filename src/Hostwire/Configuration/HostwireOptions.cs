namespace Hostwire.Configuration;

/// <summary>All settings, checked: what the verbs are given.</summary>
public sealed record HostwireOptions
{
    /// <summary>Section <c>[kafka]</c>.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>Section <c>[postgres]</c>.</summary>
    public PostgresOptions Postgres { get; init; } = new();

    /// <summary>Section <c>[agent]</c>.</summary>
    public AgentOptions Agent { get; init; } = new();

    /// <summary>Section <c>[sink]</c>.</summary>
    public SinkOptions Sink { get; init; } = new();

    /// <summary>Section <c>[metrics]</c>.</summary>
    public MetricsOptions Metrics { get; init; } = new();

    /// <summary>The tables <c>[[exec]]</c>: commands whose output the agent sends too.</summary>
    public IReadOnlyList<ExecOptions> Exec { get; init; } = [];

    /// <summary>Section <c>[log]</c>.</summary>
    public LogOptions Log { get; init; } = new();
}
