using Hostwire.Sink;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Sink;

public sealed class SinkHealthTests
{
    private readonly FakeClock _clock = new();
    private readonly FakeLogger _log = new();

    [Fact]
    public void A_trouble_is_told_once_then_reminded_of_and_its_end_is_told_once()
    {
        var health = new SinkHealth("PostgreSQL", state: null, _log, _clock);
        health.Recovered();
        Assert.Empty(_log.Lines);
        for (int second = 0; second < 301; second++)
        {
            health.Report("It is away.", needsPerson: false);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _log.Lines.Count);
        Assert.All(_log.Lines, line => Assert.Equal(LogLevel.Warning, line.Level));
        health.Recovered();
        health.Recovered();
        Assert.Equal((LogLevel.Information, "PostgreSQL works again after 301 s"), _log.Lines[^1]);
        Assert.Equal(3, _log.Lines.Count);
        health.Report("It is away.", needsPerson: true);
        Assert.Equal(LogLevel.Error, _log.Lines[^1].Level);
    }

    [Fact]
    public void Faces_of_one_trouble_that_come_in_turns_are_told_once_each()
    {
        var health = new SinkHealth("Kafka", state: null, _log, _clock);
        for (int turn = 0; turn < 10; turn++)
        {
            health.Report(turn % 2 == 0 ? "Refused." : "Hung up.", needsPerson: false);
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void What_another_person_has_to_mend_is_told_at_once()
    {
        var health = new SinkHealth("Kafka", state: null, _log, _clock);
        health.Report("The group is refused.", needsPerson: true);
        health.Report("The topic is refused.", needsPerson: true);
        health.Report("The group is refused.", needsPerson: true);
        Assert.Equal(["The group is refused.", "The topic is refused."], _log.Lines.Select(line => line.Message.Split(" Nothing is lost")[0]), StringComparer.Ordinal);
    }

    [Fact]
    public void Troubles_that_are_never_the_same_do_not_fill_the_log()
    {
        var health = new SinkHealth("Kafka", state: null, _log, _clock);
        for (int turn = 0; turn < 200; turn++)
        {
            health.Report($"Trouble {turn}.", needsPerson: false);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // One every ten seconds until there are sixteen.
        Assert.Equal(16, _log.Lines.Count);
    }
}
