using Hostwire.Agent;
using Hostwire.Kafka;
using Microsoft.Extensions.Logging;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Agent;

public sealed class DeliveryHealthTests
{
    private static readonly KafkaTrouble Away = new(KafkaTroubleKind.Unreachable, "The broker is away.");
    private static readonly KafkaTrouble Untrusted = new(KafkaTroubleKind.Certificate, "The certificate is not trusted.");
    private static readonly KafkaTrouble Refused = new(KafkaTroubleKind.Login, "The login is refused.");

    private readonly FakeClock _time = new();
    private readonly FakeLogger _logger = new();
    private readonly DeliveryHealth _health;

    public DeliveryHealthTests() => _health = new DeliveryHealth(new AgentCounters(), new ServiceState(_time), _logger, _time);

    [Fact]
    public void Trouble_that_passes_within_moments_is_not_mentioned()
    {
        _health.Waits();
        _health.Report(Away);
        Pass(seconds: 4);
        _health.Acknowledged(othersWait: false);
        Pass(seconds: 100);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Trouble_while_no_record_waits_is_not_mentioned()
    {
        _health.Report(Away);
        Pass(seconds: 1000);
        Assert.Empty(_logger.Lines);
        Assert.Equal(Timeout.InfiniteTimeSpan, _health.NextCheck);
    }

    [Fact]
    public void Trouble_that_lasts_is_mentioned_once_then_every_five_minutes_and_when_it_is_over()
    {
        _health.Waits();
        for (int second = 0; second < 301; second++)
        {
            _health.Report(Away);
            Pass(seconds: 1);
        }

        Assert.Equal([LogLevel.Warning], Levels());
        for (int second = 0; second < 300; second++)
        {
            _health.Report(Away);
            Pass(seconds: 1);
        }

        Assert.Equal([LogLevel.Warning, LogLevel.Warning], Levels());
        _health.Acknowledged(othersWait: false);
        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Information], Levels());
        Assert.StartsWith("Kafka takes records again after 596 s", _logger.Lines[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_has_to_mend_is_said_at_once_and_what_follows_from_it_is_not()
    {
        _health.Waits();
        _health.Report(Untrusted);
        Assert.Equal([LogLevel.Error], Levels());
        for (int second = 0; second < 60; second++)
        {
            _health.Report(Away);
            _health.Report(Untrusted);
            Pass(seconds: 1);
        }

        Assert.Equal([LogLevel.Error], Levels());
        Assert.Equal(Untrusted, _health.Latest);
    }

    [Fact]
    public void One_trouble_after_another_is_news()
    {
        _health.Waits();
        _health.Report(Untrusted);
        Pass(seconds: 11);
        _health.Report(Refused);
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public void Records_that_get_through_slowly_are_no_trouble()
    {
        _health.Waits();
        for (int i = 0; i < 100; i++)
        {
            Pass(seconds: 4);
            _health.Acknowledged(othersWait: true);
        }

        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Silence_without_an_error_is_mentioned_too()
    {
        _health.Waits();
        Pass(seconds: 5);
        Assert.StartsWith("Kafka has not acknowledged any record", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    private LogLevel[] Levels() => [.. _logger.Lines.Select(line => line.Level)];

    private void Pass(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _health.Check();
    }
}
