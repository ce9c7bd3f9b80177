using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Kafka;

/// <summary>Looks at the topic of <c>kafka.topic</c>, and makes it.</summary>
public sealed class TopicAdmin : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(15);

    // Another broker of the list may still answer after one was found broken.
    private static readonly TimeSpan GraceAfterTrouble = TimeSpan.FromSeconds(5);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly IAdminClient _client;
    private readonly TaskCompletionSource _troubled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _telling = new();
    private volatile KafkaTrouble? _trouble;

    /// <summary>Makes the client; it connects when first asked.</summary>
    /// <exception cref="UserException">The settings cannot be used.</exception>
    public TopicAdmin(KafkaOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _time = time;
        var log = new LibrdkafkaLog(loggers.CreateLogger("Hostwire.Kafka.TopicAdmin"), time);
        try
        {
            _client = new AdminClientBuilder(KafkaClientConfig.Admin(options))
                .SetErrorHandler((client, error) => _ = RememberAsync(error))
                .SetLogHandler((_, line) => log.Handle(line))
                .Build();
        }
        catch (Exception error) when (error is KafkaException or InvalidOperationException)
        {
            throw new UserException($"The Kafka client does not accept the settings in [kafka]: {error.Message}.", error, ExitCode.Usage);
        }
    }

    /// <summary>The topic as it is; null where it does not exist.</summary>
    /// <exception cref="UserException">Kafka cannot be asked, or does not let this user see the topic.</exception>
    public async Task<TopicState?> DescribeAsync(CancellationToken cancellationToken)
    {
        return await AskAsync(StateAsync, cancellationToken) is ({ } id, { } partitions)
            ? new TopicState(_options.Topic, id, partitions, await SettingsAsync(cancellationToken))
            : null;

        async Task<(string? Id, TopicPartitionState[]? Partitions)> StateAsync()
        {
            try
            {
                return await TopicQuestion.DescribeAsync(_client.Handle, _options.Topic, RequestTimeout);
            }
            catch (KafkaException unknown) when (unknown.Error.Code == ErrorCode.UnknownTopicOrPart)
            {
                return (null, null);
            }
        }
    }

    /// <summary>Makes the topic; false where there is one of this name already.</summary>
    /// <exception cref="UserException">Kafka cannot be asked, or refuses.</exception>
    public async Task<bool> CreateAsync(TopicRequest request, CancellationToken cancellationToken)
    {
        var specification = new TopicSpecification
        {
            Name = _options.Topic,
            NumPartitions = request.Partitions,
            ReplicationFactor = request.Replication ?? -1,
            Configs = request.Settings(),
        };
        try
        {
            await AskAsync(
                async () =>
                {
                    await _client.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = RequestTimeout, OperationTimeout = RequestTimeout });
                    return true;
                },
                cancellationToken);
            return true;
        }
        catch (CreateTopicsException refused)
        {
            Error error = refused.Results.Select(result => result.Error).FirstOrDefault(error => error.IsError) ?? refused.Error;
            return error.Code == ErrorCode.TopicAlreadyExists ? false : throw ExplainCreate(error);
        }
    }

    /// <summary>Which cluster and topic this is, and where one partition begins and ends.</summary>
    /// <exception cref="UserException">Kafka cannot be asked, or there is no such partition.</exception>
    internal async Task<PartitionFacts> InspectAsync(int partition, CancellationToken cancellationToken)
    {
        // Its answers all need the topic; what is wrong with the connection is known after the first.
        using var inspector = new TopicInspector(_client.Handle, _options);
        return await AskAsync(() => inspector.InspectAsync(new TopicPartition(_options.Topic, partition), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyDictionary<string, string>?> SettingsAsync(CancellationToken cancellationToken)
    {
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = _options.Topic };
        try
        {
            return await AskAsync(AskSettingsAsync, cancellationToken);
        }
        catch (DescribeConfigsException)
        {
            // A right of its own, which whoever only writes or reads records need not have; the description says that it is missing.
            return null;
        }

        async Task<IReadOnlyDictionary<string, string>?> AskSettingsAsync()
        {
            try
            {
                List<DescribeConfigsResult> results = await _client.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = RequestTimeout });
                return results.Single().Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Value ?? "", StringComparer.Ordinal);
            }
            catch (KafkaException error) when (error.Error.Code == ErrorCode.Local_UnsupportedFeature)
            {
                // The embedded broker of `hostwire up` has no settings to show.
                return null;
            }
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            Task<T> answer = ask();
            Task hopeless = HopelessAsync(answer, cancellationToken);
            if (await Task.WhenAny(answer, hopeless).WaitAsync(cancellationToken) == hopeless && !answer.IsCompleted && _trouble is { } trouble)
            {
                throw new UserException(trouble.Sentence);
            }

            return await answer.WaitAsync(cancellationToken);
        }
        catch (KafkaException error) when (error is not (CreateTopicsException or DescribeConfigsException))
        {
            throw Explain(error.Error, "Describe");
        }
    }

    /// <summary>Ends when the connection has been in trouble for so long that waiting for the answer's own timeout makes no sense.</summary>
    private async Task HopelessAsync(Task answer, CancellationToken cancellationToken)
    {
        await Task.WhenAny(answer, _troubled.Task);
        await Task.WhenAny(answer, Task.Delay(GraceAfterTrouble, _time, cancellationToken));
    }

    private async Task RememberAsync(Error error)
    {
        KafkaTrouble trouble = await KafkaTrouble.From(error, _options, "Describe").LookCloserAsync(_options);
        lock (_telling)
        {
            _trouble = KafkaTrouble.Telling(_trouble, trouble);
        }

        _troubled.TrySetResult();
    }

    private UserException Explain(Error error, string right) =>
        new((error.IsLocalError && _trouble is { } trouble ? trouble : KafkaTrouble.From(error, _options, right)).Sentence);

    private UserException ExplainCreate(Error error) => error.Code switch
    {
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new(
            $"This user may not make topic {_options.Topic}: grant it Create (Aiven: an ACL with permission admin), or have an administrator run this command, or make the topic with "
            + $"`avn service topic-create` or in the console, with {TopicSettings.TimestampType}={TopicSettings.LogAppendTime}."),
        ErrorCode.InvalidReplicationFactor => new($"Kafka refuses the replication of topic {_options.Topic}: {Reason(error)}. Give --replication as many as the cluster has brokers, or less."),
        ErrorCode.InvalidPartitions => new($"Kafka refuses the partitions of topic {_options.Topic}: {Reason(error)}. Give --partitions another number."),
        ErrorCode.InvalidConfig => new($"Kafka refuses the settings of topic {_options.Topic}: {Reason(error)}."),
        ErrorCode.PolicyViolation => new($"This cluster's rules forbid topic {_options.Topic} as asked for: {Reason(error)}. Change --partitions, --replication or --retention to what its plan allows."),
        ErrorCode.TopicException => new($"{_options.Topic} cannot be the name of a topic: {Reason(error)}. Change kafka.topic.", ExitCode.Usage),
        _ => Explain(error, "Create"),
    };

    private static string Reason(Error error) => error.Reason.TrimEnd('.');
}
