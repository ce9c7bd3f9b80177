using Hostwire.Commands;
using Hostwire.Kafka;

namespace Hostwire.Tests.Commands;

public sealed class TopicReportTests
{
    [Fact]
    public void Report_shows_the_settings_that_matter_and_each_partition()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["flush.ms"] = "9223372036854775807",
            ["retention.ms"] = "259200000",
            ["message.timestamp.type"] = "LogAppendTime",
        };
        Assert.Equal(
            """
            topic                   otlp_metrics
            id                      FgD3XX8SQ5SwerKfXmztAg
            partitions              2
            replication             2
            message.timestamp.type  LogAppendTime
            retention.ms            259200000 (3 d)

            PARTITION  LEADER              REPLICAS  IN SYNC
            0          1 (a.example:9092)  1,2       1,2
            1          none                2,1       1

            """,
            Write(settings));
    }

    [Fact]
    public void Report_says_so_where_the_settings_may_not_be_read() =>
        Assert.Contains("settings     not to be had: this user lacks the right DescribeConfigs", Write(null), StringComparison.Ordinal);

    private static string Write(Dictionary<string, string>? settings)
    {
        var output = new StringWriter { NewLine = "\n" };
        TopicReport.Write(output, new TopicState("otlp_metrics", "FgD3XX8SQ5SwerKfXmztAg", [new(0, "1 (a.example:9092)", [1, 2], [1, 2]), new(1, null, [2, 1], [1])], settings));
        return output.ToString();
    }
}
