using Hostwire.Configuration;

namespace Hostwire.Tests.Configuration;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["agent", "sink", "up", "kafka.bootstrap_servers", "kafka.ca_file", "postgres.ca_file"];

    [Theory]
    [InlineData("agnet", "agent")]
    [InlineData("Sink", "sink")]
    [InlineData("kafka.bootstrap.servers", "kafka.bootstrap_servers")]
    [InlineData("kafka.bootstrapservers", "kafka.bootstrap_servers")]
    [InlineData("kafka.cafile", "kafka.ca_file")]
    [InlineData("postgres.cafile", "postgres.ca_file")]
    public void Finds_what_was_meant(string name, string expected) => Assert.Equal(expected, NearestName.Of(name, Known));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("dashboard")]
    [InlineData("something.else_entirely")]
    public void Says_nothing_where_nothing_is_near(string name) => Assert.Null(NearestName.Of(name, Known));
}
