using Hostwire.Configuration;

namespace Hostwire.Up;

/// <summary>What <c>hostwire up</c> was asked for.</summary>
internal sealed record UpRequest
{
    /// <summary>The settings, those of a running <c>up</c> not among them.</summary>
    public required HostwireOptions Options { get; init; }

    /// <summary>Where data is kept.</summary>
    public required DataFolder Folder { get; init; }

    /// <summary>Whether that is where other verbs look by themselves.</summary>
    public required bool IsUsualFolder { get; init; }

    /// <summary>The environment variable that holds the URI of a real PostgreSQL; null: it comes from elsewhere, or there is none.</summary>
    public string? PostgresUriVariable { get; init; }

    /// <summary>Whether a topic that a real Kafka lacks is made: where somebody tries things out, not where settings name a Kafka that is looked after.</summary>
    public bool MakesTopic { get; init; }

    /// <summary>Whether this process is root's.</summary>
    public required bool IsRoot { get; init; }

    /// <summary>Whether nobody named a Kafka.</summary>
    public bool UsesEmbeddedBroker => Options.Kafka.BootstrapServers.Length == 0;
}
