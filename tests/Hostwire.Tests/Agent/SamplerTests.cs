using System.Threading.Channels;
using Hostwire.Agent;
using Hostwire.Metrics;
using Hostwire.Monitoring;

namespace Hostwire.Tests.Agent;

public sealed class SamplerTests : IDisposable
{
    private readonly FakeClock _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 3, TimeSpan.Zero));
    private readonly AgentCounters _counters = new();
    private readonly CollectorRunner _runner;
    private readonly Channel<string> _scrapes = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sampling;

    public SamplerTests()
    {
        // The runner's watchdog runs on the real clock, so that every timer of the fake one is a wait of the sampler's.
        _runner = new CollectorRunner(TimeSpan.FromMinutes(1), new ScrapeClock(_time), _counters, new FakeLogger(), TimeProvider.System);
        var sampler = new Sampler([Group("fast", 10), Group("slow", 30)], _runner, _counters, new ServiceState(_time), _time);
        _sampling = sampler.RunAsync(scrape => _scrapes.Writer.TryWrite(Describe(scrape)), _stopping.Token);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _runner.Dispose();
    }

    [Fact]
    public async Task Takes_a_scrape_at_once_then_at_each_tick_and_all_that_is_due_goes_into_one()
    {
        Assert.Equal("12:00:03 fast, 12:00:03 slow", await NextScrapeAsync());
        Assert.Equal(7, await WaitAsync());
        Assert.Equal("12:00:10 fast", await NextScrapeAsync());
        Assert.Equal(10, await WaitAsync());
        Assert.Equal("12:00:20 fast", await NextScrapeAsync());
        Assert.Equal(10, await WaitAsync());
        Assert.Equal("12:00:30 fast, 12:00:30 slow", await NextScrapeAsync());
        Assert.Equal(4, _counters.ScrapesTaken);
        Assert.Equal(6, _counters.PointsTaken);
        await StopAsync();
    }

    [Fact]
    public async Task Suspended_machine_takes_one_scrape_when_it_wakes_and_goes_on_along_the_grid()
    {
        await NextScrapeAsync();
        TimeSpan wait = await _time.NextTimerAsync();
        _time.Step(TimeSpan.FromHours(8));
        _time.Advance(wait);
        Assert.Equal("20:00:10 fast, 20:00:10 slow", await NextScrapeAsync());
        Assert.Equal(10, await WaitAsync());
        Assert.Equal("20:00:20 fast", await NextScrapeAsync());
        await StopAsync();
    }

    [Fact]
    public async Task Clock_set_back_loses_no_more_than_an_interval()
    {
        await NextScrapeAsync();
        TimeSpan wait = await _time.NextTimerAsync();
        _time.Step(TimeSpan.FromHours(-2) + TimeSpan.FromSeconds(-4));
        _time.Advance(wait);
        Assert.Equal(4, await WaitAsync());
        Assert.Equal("10:00:10 fast", await NextScrapeAsync());
        await StopAsync();
    }

    [Fact]
    public async Task Timer_a_fraction_of_a_millisecond_early_waits_the_rest_in_a_whole_one()
    {
        await NextScrapeAsync();
        TimeSpan wait = await _time.NextTimerAsync();
        _time.Step(TimeSpan.FromMicroseconds(-300));
        _time.Advance(wait);
        Assert.Equal(0.001, await WaitAsync());
        Assert.Equal("12:00:10 fast", await NextScrapeAsync());
        await StopAsync();
    }

    [Fact]
    public async Task One_scrape_with_a_wait_is_read_twice_and_the_second_reading_counts()
    {
        await StopAsync();
        Series series = FakeCollector.Series("rate");
        var readings = new Queue<long>([1, 2, 3]);
        var group = new CollectorGroup(
            new TickGrid(TimeSpan.FromSeconds(10), TimeSpan.Zero), [new CollectorSlot("rate", new FakeCollector(scrape => scrape.Add(series, readings.Dequeue())))]);
        var time = new FakeClock();
        var sampler = new Sampler([group], _runner, new AgentCounters(), new ServiceState(time), time);

        Task<Scrape> taking = sampler.TakeOneAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        time.Advance(await time.NextTimerAsync());
        Assert.Equal(2, Assert.Single((await taking).Points.ToArray()).Integer);
        Assert.Equal(3, Assert.Single((await sampler.TakeOneAsync(TimeSpan.Zero, TestContext.Current.CancellationToken)).Points.ToArray()).Integer);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _sampling;
    }

    private ValueTask<string> NextScrapeAsync() => _scrapes.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets the time pass that the sampler waits for, and returns it in seconds.</summary>
    private async Task<double> WaitAsync()
    {
        TimeSpan wait = await _time.NextTimerAsync();
        _time.Advance(wait);
        return wait.TotalSeconds;
    }

    private static CollectorGroup Group(string name, int intervalSeconds)
    {
        Series series = FakeCollector.Series(name);
        return new CollectorGroup(
            new TickGrid(TimeSpan.FromSeconds(intervalSeconds), TimeSpan.Zero),
            [new CollectorSlot(name, new FakeCollector(scrape => scrape.Add(series, 1L)))]);
    }

    private static string Describe(Scrape scrape) =>
        string.Join(", ", scrape.Points.ToArray().Select(point =>
            $"{DateTimeOffset.UnixEpoch.AddTicks(point.TimeUnixNano / 100):HH:mm:ss} {point.Series.AttributeValues[0]}"));
}
