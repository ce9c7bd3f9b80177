namespace Hostwire.Collectors;

/// <summary>How many processes there are, by the letter that <c>/proc/[pid]/stat</c> has for their state.</summary>
internal record struct ProcessStates
{
    /// <summary>All processes.</summary>
    public long Total { get; private set; }

    /// <summary>S: waits for something and can be woken by a signal.</summary>
    public long Sleeping { get; private set; }

    /// <summary>I: a thread of the kernel that has nothing to do.</summary>
    public long Idle { get; private set; }

    /// <summary>T and t: stopped by a signal or by a debugger.</summary>
    public long Stopped { get; private set; }

    /// <summary>Z: has ended, and its parent has not asked how.</summary>
    public long Zombies { get; private set; }

    /// <summary>A letter that is none of those here, nor R (runs) or D (blocked), which are counted elsewhere.</summary>
    public long Other { get; private set; }

    /// <summary>Counts one process.</summary>
    public void Add(byte letter)
    {
        Total++;
        switch (letter)
        {
            case (byte)'S':
                Sleeping++;
                break;
            case (byte)'I':
                Idle++;
                break;
            case (byte)'T' or (byte)'t':
                Stopped++;
                break;
            case (byte)'Z':
                Zombies++;
                break;
            case (byte)'R' or (byte)'D':
                break;
            default:
                Other++;
                break;
        }
    }
}
