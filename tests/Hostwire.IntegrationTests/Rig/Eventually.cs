namespace Hostwire.IntegrationTests.Rig;

/// <summary>Waits for something that another process brings about and that can only be looked for again and again.</summary>
public static class Eventually
{
    /// <summary>Returns once <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Looked at every tenth of a second.</param>
    /// <param name="what">What is waited for, for the message: "topic x to appear".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">It never held.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken = default)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > ChildProcess.Deadline)
            {
                throw new TimeoutException($"Waited in vain for {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }
}
