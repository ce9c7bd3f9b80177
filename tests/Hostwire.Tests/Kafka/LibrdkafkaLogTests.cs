using Confluent.Kafka;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Kafka;

public sealed class LibrdkafkaLogTests
{
    private readonly FakeClock _time = new();
    private readonly FakeLogger _logger = new();

    [Theory]
    [InlineData(SyslogLevel.Error, "SSL", LogLevel.Error)]
    [InlineData(SyslogLevel.Warning, "CONFWARN", LogLevel.Warning)]
    [InlineData(SyslogLevel.Info, "INIT", LogLevel.Debug)]
    [InlineData(SyslogLevel.Error, "FAIL", LogLevel.Debug)]
    public void Lines_have_the_level_that_fits(SyslogLevel level, string facility, LogLevel expected)
    {
        new LibrdkafkaLog(_logger, _time).Handle(new LogMessage("rdkafka#producer-1", level, facility, "words"));
        Assert.Equal((expected, $"librdkafka {facility}: words"), Assert.Single(_logger.Lines));
    }

    [Fact]
    public void Line_of_one_kind_is_shown_once_a_minute()
    {
        var log = new LibrdkafkaLog(_logger, _time);
        for (int second = 0; second < 120; second++)
        {
            log.Handle(new LogMessage("rdkafka#producer-1", SyslogLevel.Warning, "SSL", $"attempt {second}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _logger.Lines.Count(line => line.Level == LogLevel.Warning));
        Assert.Equal(120, _logger.Lines.Count);
    }
}
