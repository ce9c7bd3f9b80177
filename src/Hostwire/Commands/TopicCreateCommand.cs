using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Commands;

/// <summary><c>hostwire topic create</c>: makes the topic, or says in what the one that exists differs. Can be run again.</summary>
internal static class TopicCreateCommand
{
    // Three sinks can share it, and every plan that a cluster may have allows it or says how many it does.
    private const int PartitionsUsual = 3;

    private static readonly string[] Compressions = ["producer", "lz4", "zstd", "snappy", "gzip", "uncompressed"];

    private static readonly Option<int> Partitions = new("--partitions")
    {
        Description = $"How many partitions: the most sinks that can share the work. [{PartitionsUsual}]",
        HelpName = "N",
        DefaultValueFactory = _ => PartitionsUsual,
    };

    private static readonly Option<short?> Replication = new("--replication")
    {
        Description = "On how many brokers each record is kept. [the cluster's default]",
        HelpName = "N",
    };

    private static readonly Option<string?> Retention = new("--retention")
    {
        Description = "How long Kafka keeps a record: 36h, 7d, or forever. It is how long a sink may be down. [the cluster's default]",
        HelpName = "TIME",
    };

    private static readonly Option<string?> Compression = new("--compression")
    {
        Description = "How the broker keeps records: producer (as they were sent), lz4, zstd, snappy, gzip or uncompressed. [the cluster's default]",
        HelpName = "TYPE",
    };

    private static readonly Option<int?> MinInSyncReplicas = new("--min-insync-replicas")
    {
        Description = "How many brokers must have a record before it counts as sent. [the cluster's default]",
        HelpName = "N",
    };

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        Compression.AcceptOnlyFromAmong(Compressions);
        var command = new Command(
            "create",
            "Makes the topic, with the time of records given by the broker (message.timestamp.type=LogAppendTime). Where it exists already, compares it with what is asked for and exits with 1 if it differs.")
        {
            Partitions,
            Replication,
            Retention,
            Compression,
            MinInSyncReplicas,
        };
        return VerbFrame.Attach(command, SettingSections.Kafka, SettingSections.Kafka, RunAsync);
    }

    private static async Task<ExitCode> RunAsync(VerbContext verb, CancellationToken stopping)
    {
        TopicRequest request = Request(verb.Arguments);
        string topic = verb.Options.Kafka.Topic;
        using var admin = new TopicAdmin(verb.Options.Kafka, verb.Loggers, verb.Time);
        if (await admin.CreateAsync(request, stopping))
        {
            verb.Output.WriteLine($"Topic {topic} was made: {request.Partitions} partitions, {string.Join(", ", request.Settings().Select(setting => $"{setting.Key}={setting.Value}"))}.");
            return ExitCode.Success;
        }

        TopicState existing = await admin.DescribeAsync(stopping)
            ?? throw new UserException($"Topic {topic} was there a moment ago and is gone: somebody is deleting it. Run this again.");
        return Compare(verb, existing, request);
    }

    private static ExitCode Compare(VerbContext verb, TopicState existing, TopicRequest request)
    {
        (string Name, string Wanted, string Actual)[] differences = [.. existing.Differences(request)];
        if (existing.Settings is null)
        {
            verb.Error.WriteLine($"This user may not read the settings of topic {existing.Name} (right DescribeConfigs), so they were not compared.");
        }

        if (differences.Length == 0)
        {
            verb.Output.WriteLine($"Topic {existing.Name} exists already and is as asked for.");
            return ExitCode.Success;
        }

        verb.Output.WriteLine($"Topic {existing.Name} exists already and differs:");
        foreach ((string name, string wanted, string actual) in differences)
        {
            verb.Output.WriteLine($"  {name} is {actual}, not {wanted}");
        }

        throw new UserException(
            $"topic {existing.Name} was left as it is. Change it with Kafka's own tools (kafka-topics.sh --alter, kafka-configs.sh --alter; at Aiven in the console or with "
            + "`avn service topic-update`), or ask for what it has.");
    }

    private static TopicRequest Request(ParseResult arguments)
    {
        var request = new TopicRequest
        {
            Partitions = arguments.GetValue(Partitions),
            Replication = arguments.GetValue(Replication),
            Retention = arguments.GetValue(Retention) is { } text ? TimeText.Parse("--retention", text) : null,
            Compression = arguments.GetValue(Compression),
            MinInSyncReplicas = arguments.GetValue(MinInSyncReplicas),
        };
        string? wrong = request.Partitions < 1 ? "--partitions" : request.Replication < 1 ? "--replication" : request.MinInSyncReplicas < 1 ? "--min-insync-replicas" : null;
        return wrong is null ? request : throw new UserException($"{wrong} must be 1 or more.", ExitCode.Usage);
    }
}
