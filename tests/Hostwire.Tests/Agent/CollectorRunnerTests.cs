using Hostwire.Agent;
using Hostwire.Metrics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Agent;

public sealed class CollectorRunnerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly FakeClock _time = new();
    private readonly FakeLogger _logger = new();
    private readonly AgentCounters _counters = new();
    private readonly Scrape _scrape = new();
    private readonly CollectorRunner _runner;

    public CollectorRunnerTests() => _runner = new CollectorRunner(Limit, new ScrapeClock(_time), _counters, _logger, _time);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task Collectors_of_a_group_share_one_time_and_groups_do_not()
    {
        await _runner.RunAsync([Group(Yields("a", 1), Yields("b", 2)), Group(Yields("c", 3))], _scrape);
        Assert.Equal([1, 2, 3], Values());
        Assert.Equal(_scrape.Points[0].TimeUnixNano, _scrape.Points[1].TimeUnixNano);
        Assert.True(_scrape.Points[2].TimeUnixNano > _scrape.Points[1].TimeUnixNano);
    }

    [Fact]
    public async Task Collector_that_throws_half_way_is_left_out_whole_and_the_others_stay()
    {
        var broken = new CollectorSlot("broken", new FakeCollector(scrape =>
        {
            scrape.Add(FakeCollector.Series("broken"), 7);
            throw new IOException("/proc/broken cannot be read");
        }));
        await _runner.RunAsync([Group(Yields("a", 1), broken, Yields("c", 3))], _scrape);
        Assert.Equal([1, 3], Values());
        Assert.Equal(1, _counters.CollectorFailures);
    }

    [Fact]
    public async Task Failures_are_logged_when_they_begin_and_end_and_counted_each_time()
    {
        bool fails = false;
        CollectorGroup[] due = [Group(new CollectorSlot("cpu", new FakeCollector(_ => ThrowIf(fails))))];
        foreach (bool failsNow in new[] { false, true, true, true, false, false, true })
        {
            fails = failsNow;
            await _runner.RunAsync(due, _scrape);
        }

        Assert.Equal(4, _counters.CollectorFailures);
        Assert.Equal(
            [
                (LogLevel.Error, "Collector cpu failed and is left out until it works again: /proc/stat cannot be read"),
                (LogLevel.Information, "Collector cpu works again (failed readings in a row: 3)"),
                (LogLevel.Error, "Collector cpu failed and is left out until it works again: /proc/stat cannot be read"),
            ],
            _logger.Lines);

        static void ThrowIf(bool fails)
        {
            if (fails)
            {
                throw new IOException("/proc/stat cannot be read");
            }
        }
    }

    [Fact]
    public async Task What_a_collector_leaves_out_is_logged_when_it_changes_and_its_points_are_taken()
    {
        var collector = new FakeCollector(scrape => scrape.Add(FakeCollector.Series("a"), 1));
        CollectorGroup[] due = [Group(new CollectorSlot("filesystem", collector))];
        foreach (string? leftOut in new[] { null, "/a", "/a", "/a, /b", null, null })
        {
            collector.LeftOut = leftOut;
            _scrape.Clear();
            await _runner.RunAsync(due, _scrape);
            Assert.Equal([1], Values());
        }

        Assert.Equal(
            [
                (LogLevel.Warning, "Collector filesystem leaves something out, and reads the rest: /a"),
                (LogLevel.Warning, "Collector filesystem leaves something out, and reads the rest: /a, /b"),
                (LogLevel.Information, "Collector filesystem reads everything again"),
            ],
            _logger.Lines);
    }

    [Fact]
    public async Task Fault_of_a_collectors_own_code_does_not_stop_the_others()
    {
        var faulty = new CollectorSlot("faulty", new FakeCollector(_ => throw new NotSupportedException()));
        await _runner.RunAsync([Group(faulty, Yields("a", 1))], _scrape);
        Assert.Equal([1], Values());
        Assert.Contains("please report", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collector_that_hangs_is_abandoned_the_others_go_on_and_what_it_brings_late_is_thrown_away()
    {
        using var mount = new DeadMount();
        CollectorGroup[] due = [Group(Yields("a", 1), new CollectorSlot("filesystem", mount.Collector), Yields("c", 3))];

        Task pass = _runner.RunAsync(due, _scrape);
        mount.WaitUntilEntered();
        _time.Advance(Limit);
        await pass;
        Assert.Equal([1, 3], Values());
        Assert.Equal(1, _counters.CollectorTimeouts);
        Assert.Equal(
            (LogLevel.Error, "Collector filesystem has not answered within 1 s (agent.collector_timeout_seconds) and is left out until it does; the others go on"),
            Assert.Single(_logger.Lines));

        // It is not called while it hangs: a second call would not be released either.
        _scrape.Clear();
        await _runner.RunAsync(due, _scrape);
        Assert.Equal([1, 3], Values());
        Assert.Equal(1, mount.Calls);
        Assert.Equal(2, _counters.CollectorTimeouts);

        await ReleaseAsync(mount, "filesystem");
        Assert.Equal([1, 3], Values());

        _scrape.Clear();
        await _runner.RunAsync(due, _scrape);
        Assert.Equal([1, 9, 3], Values());
        Assert.Equal(2, mount.Calls);
        Assert.Equal((LogLevel.Information, "Collector filesystem works again (failed readings in a row: 1)"), _logger.Lines[^1]);
    }

    [Fact]
    public async Task Two_collectors_that_hang_hold_up_nobody()
    {
        using var first = new DeadMount();
        using var second = new DeadMount();
        CollectorGroup[] due = [Group(new CollectorSlot("first", first.Collector), new CollectorSlot("second", second.Collector), Yields("c", 3))];

        Task pass = _runner.RunAsync(due, _scrape);
        first.WaitUntilEntered();
        _time.Advance(Limit);
        second.WaitUntilEntered();
        _time.Advance(Limit);
        await pass;
        Assert.Equal([3], Values());

        await ReleaseAsync(second, "second");
        await ReleaseAsync(first, "first");
        _scrape.Clear();
        await _runner.RunAsync(due, _scrape);
        Assert.Equal([9, 9, 3], Values());
    }

    [Fact]
    public async Task Timer_that_fires_early_abandons_nobody()
    {
        using var mount = new DeadMount();
        Task pass = _runner.RunAsync([Group(new CollectorSlot("slow", mount.Collector))], _scrape);
        mount.WaitUntilEntered();
        Assert.Equal(Limit, await _time.NextTimerAsync());
        _time.FireTimers();
        Assert.Equal(Limit, await _time.NextTimerAsync());
        mount.Release();
        await pass;
        Assert.Equal([9], Values());
        Assert.Equal(0, _counters.CollectorTimeouts);
    }

    [Fact]
    public async Task Pass_in_steady_state_allocates_nothing_on_the_worker()
    {
        using var runner = new CollectorRunner(TimeSpan.FromMinutes(1), new ScrapeClock(TimeProvider.System), _counters, _logger, TimeProvider.System);
        long before = 0;
        long least = long.MaxValue;
        Series[] series = [.. Enumerable.Range(0, 100).Select(i => FakeCollector.Series($"{i}"))];
        CollectorSlot first = new("first", new FakeCollector(_ => before = GC.GetAllocatedBytesForCurrentThread()));
        CollectorSlot[] many = [.. Enumerable.Range(0, 10).Select(i => new CollectorSlot($"{i}", new FakeCollector(scrape =>
        {
            foreach (Series one in series)
            {
                scrape.Add(one, 1L);
            }
        })))];
        CollectorSlot last = new("last", new FakeCollector(_ => least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before)));
        CollectorGroup[] due = [Group([first, .. many, last])];
        for (int round = 0; round < Allocations.Rounds; round++)
        {
            _scrape.Clear();
            await runner.RunAsync(due, _scrape);
        }

        Assert.Equal(1000, _scrape.Count);
        Assert.Equal(0, least);
    }

    private async Task ReleaseAsync(DeadMount mount, string name)
    {
        mount.Release();
        string line = $"Collector {name} has come back from a call that hung and will be read again";
        while (!_logger.Lines.Any(logged => string.Equals(logged.Message, line, StringComparison.Ordinal)))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private long[] Values() => [.. _scrape.Points.ToArray().Select(point => point.Integer)];

    private static CollectorGroup Group(params CollectorSlot[] slots) => new(new TickGrid(TimeSpan.FromSeconds(10), TimeSpan.Zero), slots);

    private static CollectorSlot Yields(string name, long value)
    {
        Series series = FakeCollector.Series(name);
        return new CollectorSlot(name, new FakeCollector(scrape => scrape.Add(series, value)));
    }

    /// <summary>A collector whose first call hangs until it is released, and which then yields 9.</summary>
    private sealed class DeadMount : IDisposable
    {
        private readonly ManualResetEventSlim _entered = new();
        private readonly ManualResetEventSlim _released = new();
        private readonly Series _series = FakeCollector.Series("mount");

        public DeadMount() => Collector = new FakeCollector(scrape =>
        {
            Calls++;
            _entered.Set();
            _released.Wait();
            scrape.Add(_series, 9L);
        });

        public FakeCollector Collector { get; }

        public int Calls { get; private set; }

        public void WaitUntilEntered() => _entered.Wait(TestContext.Current.CancellationToken);

        public void Release() => _released.Set();

        public void Dispose()
        {
            _released.Set();
            _entered.Dispose();
        }
    }
}
