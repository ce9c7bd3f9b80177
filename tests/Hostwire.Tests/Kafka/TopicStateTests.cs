using Hostwire.Kafka;

namespace Hostwire.Tests.Kafka;

public sealed class TopicStateTests
{
    private static readonly Dictionary<string, string> Good = new(StringComparer.Ordinal)
    {
        ["message.timestamp.type"] = "LogAppendTime",
        ["retention.ms"] = "604800000",
        ["cleanup.policy"] = "delete",
        ["compression.type"] = "producer",
        ["min.insync.replicas"] = "1",
    };

    [Fact]
    public void Topic_as_it_is_wanted_has_no_differences_and_no_warnings()
    {
        TopicState topic = Topic(Good);
        Assert.Empty(topic.Differences(new TopicRequest { Partitions = 2, Replication = 3, Retention = TimeSpan.FromDays(7), Compression = "producer", MinInSyncReplicas = 1 }));
        Assert.Empty(topic.Warnings());
    }

    [Fact]
    public void Every_difference_is_told_with_both_values()
    {
        var request = new TopicRequest { Partitions = 6, Replication = 2, Retention = Timeout.InfiniteTimeSpan, Compression = "zstd", MinInSyncReplicas = 2 };
        Assert.Equal(
            [
                ("partitions", "6", "2"), ("replication", "2", "3"), ("message.timestamp.type", "LogAppendTime", "CreateTime"), ("retention.ms", "-1", "604800000"),
                ("compression.type", "zstd", "producer"), ("min.insync.replicas", "2", "1"),
            ],
            Topic(With("message.timestamp.type", "CreateTime")).Differences(request).ToArray());
    }

    [Fact]
    public void What_was_not_asked_for_is_no_difference() =>
        Assert.Empty(Topic(With("retention.ms", "1")).Differences(new TopicRequest { Partitions = 2 }));

    [Fact]
    public void Settings_that_this_user_may_not_read_are_neither_different_nor_wrong()
    {
        TopicState topic = Topic(null);
        Assert.Empty(topic.Differences(new TopicRequest { Partitions = 2, Retention = TimeSpan.FromDays(1) }));
        Assert.Empty(topic.Warnings());
    }

    [Theory]
    [InlineData("message.timestamp.type", "CreateTime", "Set message.timestamp.type=LogAppendTime")]
    [InlineData("cleanup.policy", "compact,delete", "Set cleanup.policy=delete")]
    public void Setting_that_loses_data_is_warned_of(string name, string value, string fix) =>
        Assert.Contains(fix, Assert.Single(Topic(With(name, value)).Warnings()), StringComparison.Ordinal);

    [Fact]
    public void Partitions_without_leader_or_replicas_are_warned_of()
    {
        var topic = new TopicState("otlp_metrics", "id", [new(0, null, [1, 2], [1]), new(1, "1 (a:1)", [1, 2], [1, 2])], Good);
        Assert.Equal(2, topic.Warnings().Count());
        Assert.All(topic.Warnings(), warning => Assert.Contains(": 0.", warning, StringComparison.Ordinal));
    }

    private static Dictionary<string, string> With(string name, string value) => new(Good, StringComparer.Ordinal) { [name] = value };

    private static TopicState Topic(Dictionary<string, string>? settings) =>
        new("otlp_metrics", "id", [new(0, "1 (a:1)", [1, 2, 3], [1, 2, 3]), new(1, "2 (b:1)", [2, 3, 1], [2, 3, 1])], settings);
}
