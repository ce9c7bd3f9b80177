using Hostwire.Monitoring;

namespace Hostwire.Tests.Monitoring;

public sealed class ServiceStateTests
{
    private readonly FakeClock _time = new();
    private readonly ServiceState _state;

    public ServiceStateTests() => _state = new ServiceState(_time);

    [Fact]
    public void Loop_that_does_not_come_round_in_time_is_stuck_until_it_does()
    {
        Pulse pulse = _state.Begin("sampling", TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Empty(_state.Stuck());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("The sampling has not come round for 61 s; 60 s is the most it should take.", Assert.Single(_state.Stuck()));
        pulse.Beat();
        Assert.Empty(_state.Stuck());
    }

    [Fact]
    public void Loop_that_has_ended_is_not_waited_for_and_one_that_begins_anew_takes_its_place()
    {
        _state.Begin("sampling", TimeSpan.FromSeconds(60)).Rest();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_state.Stuck());
        _state.Begin("sampling", TimeSpan.FromSeconds(60));
        Assert.Empty(_state.Stuck());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Single(_state.Stuck());
    }

    [Fact]
    public void Clock_that_is_set_makes_nothing_stuck()
    {
        _state.Begin("sampling", TimeSpan.FromSeconds(60));
        _time.Step(TimeSpan.FromDays(1));
        Assert.Empty(_state.Stuck());
    }

    [Fact]
    public void Troubles_are_those_that_nobody_has_mended_each_in_its_latest_words()
    {
        object kafka = new();
        object database = new();
        _state.Start();
        _state.Trouble(kafka, "Kafka is away.");
        _state.Trouble(database, "PostgreSQL is away.");
        _state.Trouble(kafka, "Kafka refuses the login.");
        Assert.Equal(["Kafka refuses the login.", "PostgreSQL is away."], _state.Troubles());
        _state.Mend(kafka);
        _state.Mend(kafka);
        Assert.Equal(["PostgreSQL is away."], _state.Troubles());
    }

    [Fact]
    public void What_has_not_started_is_not_ready()
    {
        Assert.Equal(["It is starting."], _state.Troubles());
        _state.Start();
        Assert.Empty(_state.Troubles());
    }
}
