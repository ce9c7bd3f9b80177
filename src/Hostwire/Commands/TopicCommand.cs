using System.CommandLine;

namespace Hostwire.Commands;

/// <summary><c>hostwire topic</c>: the topic that agents write and sinks read.</summary>
public static class TopicCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => new("topic", "Makes and shows the Kafka topic that agents write and sinks read (kafka.topic).")
    {
        TopicCreateCommand.Create(),
        TopicDescribeCommand.Create(),
    };
}
