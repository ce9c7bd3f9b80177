namespace Hostwire.Tests;

/// <summary>What "allocates nothing" is held against.</summary>
internal static class Allocations
{
    /// <summary>How many rounds may be disturbed. What allocates by itself does so in every one.</summary>
    public const int Rounds = 20;

    /// <summary>
    /// Fails where the action allocates on this thread, in every one of a few rounds. One round proves nothing: when another test's garbage is collected
    /// meanwhile, the unused rest of this thread's allocation buffer, up to 8 kB, counts as allocated.
    /// </summary>
    public static void AssertNone(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
