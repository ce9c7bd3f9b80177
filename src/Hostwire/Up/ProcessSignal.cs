using System.Runtime.InteropServices;

namespace Hostwire.Up;

/// <summary>Signals to processes of ours, which the runtime offers no more of than SIGKILL.</summary>
internal static partial class ProcessSignal
{
    /// <summary>SIGINT. PostgreSQL: cuts the sessions, writes everything down, ends.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGQUIT. PostgreSQL: ends at once and recovers from its log at the next start.</summary>
    public const int Quit = 3;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Sends it to one process; false where there is no such process (any more), or it is somebody else's.</summary>
    public static bool Send(int processId, int signal) => SendTo(processId, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendTo(int processId, int signal);
}
