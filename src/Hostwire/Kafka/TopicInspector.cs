using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;

namespace Hostwire.Kafka;

/// <summary>Asks the brokers which cluster and topic these are, and where their partitions begin and end.</summary>
internal sealed class TopicInspector : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Handle _client;
    private readonly IAdminClient _admin;
    private readonly string _topic;

    // Whoever asks on another thread while the client ends would ask a client that is no longer there; and an answer that comes then, librdkafka (2.16, rd_kafka_admin_response_parse)
    // takes for an impossibility. Either ends the process.
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _unanswered = [];
    private bool _isDisposed;

    /// <summary>Shares the connections of a client.</summary>
    public TopicInspector(Handle client, KafkaOptions options)
    {
        _client = client;
        _admin = new DependentAdminClientBuilder(client).Build();
        _topic = options.Topic;
    }

    /// <summary>The topic's id; empty where brokers tell none.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or may not be seen, or nobody answered within ten seconds.</exception>
    public Task<string> TopicIdAsync(CancellationToken cancellationToken) => AskAsync(() => TopicQuestion.IdAsync(_client, _topic, Patience), cancellationToken);

    /// <summary>Everything about one partition of the topic.</summary>
    /// <exception cref="KafkaException">As for <see cref="TopicIdAsync"/>.</exception>
    public async Task<PartitionFacts> InspectAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        string topicId = await TopicIdAsync(cancellationToken);
        string clusterId = KnownClusterId();
        long earliest = await OffsetAsync(partition, OffsetSpec.Earliest(), cancellationToken);
        long latest = await OffsetAsync(partition, OffsetSpec.Latest(), cancellationToken);
        return new PartitionFacts(clusterId, topicId, earliest, latest);
    }

    /// <summary>Lets nothing be asked any more, and waits for all answers, ten seconds at most. Call before the client whose connections these are ends.</summary>
    public void Dispose()
    {
        Task[] unanswered;
        lock (_gate)
        {
            _isDisposed = true;
            unanswered = [.. _unanswered];
        }

        Task.WhenAll(unanswered).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _admin.Dispose();
    }

    /// <summary>The cluster's id, which comes with every answer about a topic.</summary>
    private string KnownClusterId()
    {
        lock (_gate)
        {
            return (_isDisposed ? throw new OperationCanceledException("The client has ended.") : ClusterId.Of(_client, TimeSpan.Zero)) ?? "";
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        Task<T> answer;
        lock (_gate)
        {
            answer = _isDisposed ? throw new OperationCanceledException("The client has ended.") : ask();
            _unanswered.Add(answer);
        }

        // Also of an answer that nobody waits for any more.
        _ = answer.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await answer.WaitAsync(cancellationToken);
    }

    private void Forget(Task answer)
    {
        _ = answer.Exception;
        lock (_gate)
        {
            _unanswered.Remove(answer);
        }
    }

    private async Task<long> OffsetAsync(TopicPartition partition, OffsetSpec which, CancellationToken cancellationToken)
    {
        try
        {
            ListOffsetsResult result = await AskAsync(
                () => _admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }], new ListOffsetsOptions { RequestTimeout = Patience }),
                cancellationToken);
            return (result.ResultInfos.FirstOrDefault() ?? throw TopicQuestion.Empty()).TopicPartitionOffsetError.Offset.Value;
        }
        catch (ListOffsetsException refused)
        {
            throw new KafkaException(
                refused.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError) ?? refused.Error, refused);
        }
    }
}
