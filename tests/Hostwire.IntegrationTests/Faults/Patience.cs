namespace Hostwire.IntegrationTests.Faults;

/// <summary>Waiting, so long that it decides only rounds in which nothing moves any more, on however slow a machine.</summary>
internal static class Patience
{
    /// <summary>How long.</summary>
    public static TimeSpan Max { get; } = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Max)
            {
                throw new TimeoutException($"Waited in vain for {what}.");
            }

            await Task.Delay(LookEvery, cancellationToken);
        }
    }
}
