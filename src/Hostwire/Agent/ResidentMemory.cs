using System.Numerics;
using Hostwire.Collectors;
using Hostwire.Diagnostics;

namespace Hostwire.Agent;

/// <summary>
/// Gives memory back that the agent's daily work does not need: what the start left behind, and pages of program files that a reload, a second producer or a spool that was full has used. Asked after each scrape.
/// </summary>
internal sealed class ResidentMemory
{
    /// <summary>How many pages of files may come on top of those that were there again after the last time.</summary>
    private static readonly ulong GrowthMaxPages = (ulong)(4 * 1024 * 1024 / Environment.SystemPageSize);

    private readonly KernelFile _statm = new("/proc/self/statm", bufferBytes: 128);
    private long _looks;
    private ulong? _neededPages;

    /// <summary>
    /// Gives back what is there now: after the first scrape, the second, the fourth and so on, because less and less is used only once, and whenever there is much more than was needed.
    /// What is needed comes back by the next look.
    /// </summary>
    public void Look()
    {
        if (++_looks == 1)
        {
            // Binding librdkafka by reflection leaves 12 MB behind. An agent allocates so little that no collection would come for hours.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }

        ulong pages = ResidentFilePages();
        if (BitOperations.IsPow2(_looks) || pages > _neededPages + GrowthMaxPages)
        {
            CodeInMemory.Release();
            _neededPages = null;
        }
        else
        {
            _neededPages ??= pages;
        }
    }

    // The third field of: size, resident, resident and of files, ...
    private ulong ResidentFilePages()
    {
        try
        {
            ReadOnlySpan<byte> line = _statm.Read();
            return KernelText.TryTakeNumber(ref line, out _) && KernelText.TryTakeNumber(ref line, out _) && KernelText.TryTakeNumber(ref line, out ulong pages) ? pages : 0;
        }
        catch (IOException)
        {
            // A sandbox without it.
            return 0;
        }
    }
}
