using System.Threading.Channels;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class UpStatusTests
{
    private readonly FakeClock _clock = new();
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private UpFigures _figures;

    [Fact]
    public async Task The_first_arrival_is_told_at_once_and_then_a_line_every_ten_seconds()
    {
        using var stopping = new CancellationTokenSource();
        Task run = Start(stopping.Token);
        await PassAsync();
        _figures = new UpFigures(1, 1, 200, 0, 0, 0, _clock.GetUtcNow());
        await PassAsync();
        Assert.Equal("The first values are in the database, 0.2 s after the start of agent and sink.", await SaidAsync());

        Assert.Equal(TimeSpan.FromSeconds(10), await PassAsync());
        Assert.Equal("1 scrape sent, 200 values stored for 7 hosts, lag 0, newest 10.1 s old", await SaidAsync());
        await StopAsync(run, stopping);
    }

    [Fact]
    public async Task Where_nothing_arrives_that_is_told_every_ten_seconds()
    {
        using var stopping = new CancellationTokenSource();
        Task run = Start(stopping.Token);
        for (int look = 0; look < 100; look++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(100), await PassAsync());
        }

        Assert.Equal("0 scrapes sent, 0 values stored for 7 hosts, lag 0, nothing stored yet", await SaidAsync());
        await StopAsync(run, stopping);
        Assert.False(_said.Reader.TryRead(out _));
    }

    private Task Start(CancellationToken stopping) =>
        new UpStatus(() => _figures, _ => Task.FromResult<long?>(7), line => _said.Writer.TryWrite(line), _clock).RunAsync(stopping);

    private async Task<TimeSpan> PassAsync()
    {
        TimeSpan delay = await _clock.NextTimerAsync();
        _clock.Advance(delay);
        return delay;
    }

    private ValueTask<string> SaidAsync() => _said.Reader.ReadAsync(TestContext.Current.CancellationToken);

    private static async Task StopAsync(Task run, CancellationTokenSource stopping)
    {
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
