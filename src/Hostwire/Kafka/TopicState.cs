using System.Globalization;

namespace Hostwire.Kafka;

/// <summary>A topic as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id: another one each time a topic of this name is made.</param>
/// <param name="Partitions">Its partitions, by number.</param>
/// <param name="Settings">Its settings by Kafka's names; null where this user may not read them, or the broker has none.</param>
public sealed record TopicState(string Name, string Id, TopicPartitionState[] Partitions, IReadOnlyDictionary<string, string>? Settings)
{
    /// <summary>On how many brokers each partition lies.</summary>
    public int Replication => Partitions.Length == 0 ? 0 : Partitions.Max(partition => partition.Replicas.Length);

    /// <summary>What about the topic will lead to loss or refusals, each a sentence with its fix.</summary>
    public IEnumerable<string> Warnings()
    {
        string? timestamps = Settings?.GetValueOrDefault(TopicSettings.TimestampType);
        if (timestamps is not (null or TopicSettings.LogAppendTime))
        {
            yield return $"Records are dated by their producers ({TopicSettings.TimestampType}={timestamps}): a host whose clock is far off will have its records refused or deleted. "
                + $"Set {TopicSettings.TimestampType}={TopicSettings.LogAppendTime}.";
        }

        if (Settings?.GetValueOrDefault(TopicSettings.CleanupPolicy) is { } policy && policy.Contains("compact", StringComparison.Ordinal))
        {
            yield return $"Kafka keeps only the newest record of each host ({TopicSettings.CleanupPolicy}={policy}): a sink that falls behind loses data. Set {TopicSettings.CleanupPolicy}=delete.";
        }

        int[] leaderless = [.. Partitions.Where(partition => partition.Leader is null).Select(partition => partition.Number)];
        if (leaderless.Length > 0)
        {
            yield return $"Partitions without a leader can be neither written nor read: {string.Join(", ", leaderless)}. Check that all brokers run.";
        }

        int[] behind = [.. Partitions.Where(partition => partition.InSync.Length < partition.Replicas.Length).Select(partition => partition.Number)];
        if (behind.Length > 0)
        {
            yield return $"Partitions with replicas that are not up to date: {string.Join(", ", behind)}. Check that all brokers run.";
        }
    }

    /// <summary>Where the topic is not as it is wanted: name, wanted, actual.</summary>
    public IEnumerable<(string Name, string Wanted, string Actual)> Differences(TopicRequest request)
    {
        if (request.Partitions != Partitions.Length)
        {
            yield return ("partitions", Text(request.Partitions), Text(Partitions.Length));
        }

        if (request.Replication is { } replication && replication != Replication)
        {
            yield return ("replication", Text(replication), Text(Replication));
        }

        foreach ((string name, string wanted) in request.Settings())
        {
            string? actual = Settings?.GetValueOrDefault(name);
            if (actual is not null && !string.Equals(actual, wanted, StringComparison.OrdinalIgnoreCase))
            {
                yield return (name, wanted, actual);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
