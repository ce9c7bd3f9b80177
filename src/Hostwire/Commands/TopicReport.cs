using System.Globalization;
using Hostwire.Kafka;

namespace Hostwire.Commands;

/// <summary>Writes a topic for people.</summary>
internal static class TopicReport
{
    /// <summary>Writes what the topic is, its settings, and a row for each partition.</summary>
    public static void Write(TextWriter output, TopicState topic)
    {
        List<(string Name, string Value)> facts =
        [
            ("topic", topic.Name),
            ("id", topic.Id),
            ("partitions", topic.Partitions.Length.ToString(CultureInfo.InvariantCulture)),
            ("replication", topic.Replication.ToString(CultureInfo.InvariantCulture)),
        ];
        if (topic.Settings is null)
        {
            facts.Add(("settings", "not to be had: this user lacks the right DescribeConfigs, or it is the embedded broker, which has none"));
        }
        else
        {
            facts.AddRange(TopicSettings.Shown.Where(topic.Settings.ContainsKey).Select(name => (name, Readable(name, topic.Settings[name]))));
        }

        int width = facts.Max(fact => fact.Name.Length);
        facts.ForEach(fact => output.WriteLine($"{fact.Name.PadRight(width)}  {fact.Value}"));
        output.WriteLine();
        WritePartitions(output, topic.Partitions);
    }

    private static void WritePartitions(TextWriter output, TopicPartitionState[] partitions)
    {
        TextTable.Write(output, ["PARTITION", "LEADER", "REPLICAS", "IN SYNC"], partitions.Select(partition => (string[])
        [
            partition.Number.ToString(CultureInfo.InvariantCulture), partition.Leader ?? "none", string.Join(',', partition.Replicas), string.Join(',', partition.InSync),
        ]));
    }

    // Kafka's own value stays in sight: it is what other tools show and take.
    private static string Readable(string name, string value) =>
        name is TopicSettings.Retention && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long milliseconds)
            ? $"{value} ({TimeText.OfMilliseconds(milliseconds)})"
            : value;
}
