using System.Globalization;

namespace Hostwire.Up;

/// <summary>Says what flows: the first arrival at once, then a line every few seconds.</summary>
internal sealed class UpStatus(Func<UpFigures> figures, Func<CancellationToken, Task<long?>> countHostsAsync, Action<string> say, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Until told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        long start = time.GetTimestamp(), said = start;
        for (bool arrived = false; ;)
        {
            await Task.Delay(arrived ? Interval : Look, time, stopping);
            if (!arrived && figures().ValuesStored > 0)
            {
                arrived = true;
                said = time.GetTimestamp();
                say(string.Create(CultureInfo.InvariantCulture, $"The first values are in the database, {time.GetElapsedTime(start).TotalSeconds:0.0} s after the start of agent and sink."));
            }
            else if (arrived || time.GetElapsedTime(said) >= Interval)
            {
                said = time.GetTimestamp();
                say(figures().Line(await countHostsAsync(stopping), time.GetUtcNow()));
            }
        }
    }
}
