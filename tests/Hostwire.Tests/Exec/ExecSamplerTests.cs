using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Exec;
using Hostwire.Metrics;
using Hostwire.Tests.Configuration;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Exec;

public sealed class ExecSamplerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly AgentCounters _counters = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Script => Path.Combine(_folder.Path, "script");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_run_is_a_scrape_of_its_own_with_a_time_of_its_own()
    {
        var taken = System.Threading.Channels.Channel.CreateUnbounded<(double Value, long Time)>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        File.WriteAllText(Script, "echo 'a 1'");
        Task running = Sampler(Options("one")).RunAsync(
            TimeSpan.Zero,
            scrape => taken.Writer.TryWrite((Assert.Single(scrape.Points.ToArray()).Double, scrape.Points[0].TimeUnixNano)),
            stopping.Token,
            stopping.Token);
        (double value, long first) = await taken.Reader.ReadAsync(Cancelled);
        Assert.Equal(1, value);
        File.WriteAllText(Script, "echo 'a 2'");

        // The run's own time limit is a timer too; the tick comes after it.
        _clock.Advance(TimeSpan.FromSeconds(60));
        (value, long second) = await ReadAsync(taken.Reader);
        Assert.Equal(2, value);
        Assert.True(second > first);
        await stopping.CancelAsync();
        await running;
        Assert.Equal((2, 2), (_counters.ScrapesTaken, _counters.PointsTaken));
    }

    [Fact]
    public async Task Run_in_progress_outlives_a_change_of_its_command_and_the_new_one_begins_after_it()
    {
        var taken = System.Threading.Channels.Channel.CreateUnbounded<double>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var finishing = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        string go = Path.Combine(_folder.Path, "go");
        ExecOptions slow = Options("slow") with { Command = ["/bin/sh", "-c", $"touch {go}.waits; while [ ! -e {go} ]; do sleep 0.05; done; echo 'a 1'"] };
        ExecSampler sampler = Sampler(slow);
        void Take(Scrape scrape) => taken.Writer.TryWrite(Assert.Single(scrape.Points.ToArray()).Double);
        Task old = sampler.RunAsync(TimeSpan.Zero, Take, finishing.Token, stopping.Token);
        while (!File.Exists($"{go}.waits"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancelled);
        }

        await finishing.CancelAsync();
        sampler.Change([slow with { Command = ["echo", "a 2"], IntervalSeconds = 30 }]);
        Task next = sampler.RunAsync(TimeSpan.Zero, Take, stopping.Token, stopping.Token);
        Assert.False(old.IsCompleted);
        File.WriteAllText(go, "");
        Assert.Equal(1, await taken.Reader.ReadAsync(Cancelled));
        Assert.Equal(2, await taken.Reader.ReadAsync(Cancelled));
        await stopping.CancelAsync();
        await Task.WhenAll(old, next);
    }

    [Fact]
    public async Task A_command_that_hangs_holds_up_no_other_and_is_killed_when_the_agent_stops()
    {
        var taken = new TaskCompletionSource();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        File.WriteAllText(Script, "echo 'a 1'");
        Task running = Sampler(Options("hangs") with { Command = ["sleep", "1000"] }, Options("works")).RunAsync(TimeSpan.Zero, _ => taken.TrySetResult(), stopping.Token, stopping.Token);
        await taken.Task.WaitAsync(Cancelled);
        await stopping.CancelAsync();
        await running;

        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task Failures_are_logged_when_they_begin_and_end_and_counted_each_time()
    {
        ExecSampler sampler = Sampler(Options("backup"));
        foreach (string script in new[] { "echo 'a 1'", "echo no disk >&2; exit 2", "exit 3", "echo 'a 1'" })
        {
            await RunOnceAsync(sampler, script);
        }

        Assert.Equal(2, _counters.CollectorFailures);
        CollectorFigures figures = Assert.Single(_counters.Collectors);
        Assert.Equal(("exec.backup", true), (figures.Name, figures.LastWorked));
        Assert.Equal(
            [(LogLevel.Error, "Command backup exited with 2: no disk. It is left out until it works again"), (LogLevel.Information, "Command backup works again (failed runs in a row: 2)")],
            _logger.Lines);
    }

    [Fact]
    public async Task Lines_that_are_not_understood_are_counted_and_logged_when_they_begin_and_end()
    {
        ExecSampler sampler = Sampler(Options("backup"));
        foreach (string script in new[] { "echo 'a 1'; echo 'what is this'", "echo what; echo 'a 1'; echo is", "echo 'a 1'" })
        {
            Assert.Equal(1, (await RunOnceAsync(sampler, script)).Count);
        }

        Assert.Equal(3, _counters.ExecBadLines);
        Assert.Equal(
            [
                (LogLevel.Warning, "Command backup prints lines that are left out (now 1), and the others are sent: line 2 has a value that is no number."),
                (LogLevel.Information, "Command backup prints only lines that are understood"),
            ],
            _logger.Lines);
    }

    [Fact]
    public async Task Too_many_series_are_logged_once()
    {
        ExecSampler sampler = Sampler(Options("backup") with { MaxSeries = 1 });
        await RunOnceAsync(sampler, "echo 'a 1'; echo 'b 1'");
        await RunOnceAsync(sampler, "echo 'a 1'; echo 'b 1'");

        Assert.Equal([(LogLevel.Warning, "Command backup prints more than 1 series (max_series); what is beyond is left out (now 1)")], _logger.Lines);
    }

    [Fact]
    public async Task A_single_scrape_has_a_group_for_each_command_after_those_of_the_collectors()
    {
        File.WriteAllText(Script, "echo 'a 1'");
        var scrape = new Scrape();
        scrape.BeginGroup(5);
        scrape.Add(new Series(new Metric { Name = "m", Unit = "", Kind = MetricKind.Gauge, IsInteger = true, Description = "", Source = "" }), 7);
        await Sampler(Options("one"), Options("two") with { Command = ["false"] }, Options("three")).AddOnceAsync(scrape, Cancelled);

        Assert.Equal(["m", "a", "a"], scrape.Points.ToArray().Select(point => point.Series.Metric.Name), StringComparer.Ordinal);
        Assert.Equal(3, scrape.Points.ToArray().Select(point => point.TimeUnixNano).Distinct().Count());
        Assert.Equal(1, _counters.CollectorFailures);
    }

    private ExecOptions Options(string name) => new() { Name = name, Command = ["/bin/sh", Script] };

    private ExecSampler Sampler(params ExecOptions[] commands) => new(commands, _counters, _logger, _clock);

    private async Task<Scrape> RunOnceAsync(ExecSampler sampler, string script)
    {
        File.WriteAllText(Script, script);
        var scrape = new Scrape();
        await sampler.AddOnceAsync(scrape, Cancelled);
        return scrape;
    }

    // The wait for the next tick may begin only after the clock was moved; so it is moved until the run has come.
    private async Task<(double Value, long Time)> ReadAsync(System.Threading.Channels.ChannelReader<(double Value, long Time)> reader)
    {
        Task<(double Value, long Time)> read = reader.ReadAsync(Cancelled).AsTask();
        while (!read.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(read, Task.Delay(TimeSpan.FromMilliseconds(20), Cancelled));
        }

        return await read;
    }
}
