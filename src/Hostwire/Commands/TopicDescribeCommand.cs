using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;

namespace Hostwire.Commands;

/// <summary><c>hostwire topic describe</c>: the topic's partitions and the settings that matter.</summary>
internal static class TopicDescribeCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => VerbFrame.Attach(
        new Command("describe", "Shows the topic: id, partitions with leaders and replicas, the settings that matter, and a warning for each that loses data."),
        SettingSections.Kafka,
        SettingSections.Kafka,
        RunAsync);

    private static async Task<ExitCode> RunAsync(VerbContext verb, CancellationToken stopping)
    {
        KafkaOptions kafka = verb.Options.Kafka;
        using var admin = new TopicAdmin(kafka, verb.Loggers, verb.Time);
        TopicState topic = await admin.DescribeAsync(stopping)
            ?? throw new UserException($"Topic {kafka.Topic} does not exist at {kafka.BootstrapServers}: make it with `hostwire topic create`, or check kafka.topic.");
        TopicReport.Write(verb.Output, topic);
        foreach (string warning in topic.Warnings())
        {
            verb.Error.WriteLine($"Warning: {warning}");
        }

        return ExitCode.Success;
    }
}
