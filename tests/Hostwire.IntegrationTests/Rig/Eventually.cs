namespace Hostwire.IntegrationTests.Rig;

/// <summary>Waits for something that another process brings about and that can only be looked for again and again.</summary>
public static class Eventually
{
    /// <summary>Returns once <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Looked at every tenth of a second.</param>
    /// <param name="what">What is waited for, for the message: "topic x to appear".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="processes">Who is to bring it about: what they wrote goes into the message, and where one has ended there is nothing to wait for.</param>
    /// <exception cref="TimeoutException">It never held.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken = default, params ChildProcess[] processes)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > ChildProcess.Deadline || Array.Exists(processes, process => process.HasExited))
            {
                throw new TimeoutException($"Waited in vain for {what}.\n{string.Join("\n\n", processes.Select(process => process.Describe()))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }
}
