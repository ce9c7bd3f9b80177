using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;

namespace Hostwire.Kafka;

/// <summary>Asks the brokers which cluster and topic these are, and where their partitions begin and end.</summary>
internal sealed class TopicInspector : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _admin;
    private readonly string _topic;

    // Whoever asks on another thread while the client ends would ask a client that is no longer there, which ends the process.
    private readonly Lock _gate = new();
    private bool _isDisposed;

    /// <summary>Shares the connections of a client.</summary>
    public TopicInspector(Handle client, KafkaOptions options)
    {
        _admin = new DependentAdminClientBuilder(client).Build();
        _topic = options.Topic;
    }

    /// <summary>The topic's id; empty where brokers tell none.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or may not be seen, or nobody answered within ten seconds.</exception>
    public async Task<string> TopicIdAsync(CancellationToken cancellationToken)
    {
        try
        {
            DescribeTopicsResult result = await AskAsync(
                admin => admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([_topic]), new DescribeTopicsOptions { RequestTimeout = Patience }), cancellationToken);
            Uuid? id = result.TopicDescriptions[0].TopicId;
            return id is null || (id.MostSignificantBits == 0 && id.LeastSignificantBits == 0) ? "" : id.ToString();
        }
        catch (DescribeTopicsException refused)
        {
            throw new KafkaException(refused.Results.TopicDescriptions.Select(topic => topic.Error).FirstOrDefault(error => error.IsError) ?? refused.Error, refused);
        }
    }

    /// <summary>Everything about one partition of the topic.</summary>
    /// <exception cref="KafkaException">As for <see cref="TopicIdAsync"/>.</exception>
    public async Task<PartitionFacts> InspectAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        string topicId = await TopicIdAsync(cancellationToken);
        DescribeClusterResult cluster = await AskAsync(admin => admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = Patience }), cancellationToken);
        long earliest = await OffsetAsync(partition, OffsetSpec.Earliest(), cancellationToken);
        long latest = await OffsetAsync(partition, OffsetSpec.Latest(), cancellationToken);
        return new PartitionFacts(cluster.ClusterId ?? "", topicId, earliest, latest);
    }

    /// <summary>Waits for questions that are just being asked, not for answers, and lets none be asked any more. Call before the client whose connections these are ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _admin.Dispose();
    }

    private Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> ask, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return (_isDisposed ? throw new OperationCanceledException("The client has ended.") : ask(_admin)).WaitAsync(cancellationToken);
        }
    }

    private async Task<long> OffsetAsync(TopicPartition partition, OffsetSpec which, CancellationToken cancellationToken)
    {
        try
        {
            ListOffsetsResult result = await AskAsync(
                admin => admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }], new ListOffsetsOptions { RequestTimeout = Patience }),
                cancellationToken);
            return result.ResultInfos.Single().TopicPartitionOffsetError.Offset.Value;
        }
        catch (ListOffsetsException refused)
        {
            throw new KafkaException(
                refused.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError) ?? refused.Error, refused);
        }
    }
}
