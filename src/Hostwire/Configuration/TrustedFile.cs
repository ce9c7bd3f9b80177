using System.Runtime.InteropServices;
using System.Text;

namespace Hostwire.Configuration;

/// <summary>Whether anybody but root and ourselves can change a file: asked of files that say what we run.</summary>
internal static partial class TrustedFile
{
    private const int WorkingFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int OwnerAt = 20;
    private const int ModeAt = 28;
    private const int StatxBytes = 256;
    private const int WritableByGroup = 0x10;
    private const int WritableByOthers = 0x02;
    private const int Sticky = 0x200;

    /// <summary>Why others can change it, as the end of a sentence with the command that mends it; null where they cannot, or where there is no such file.</summary>
    /// <param name="path">A full path; a link is followed.</param>
    public static string? Problem(string path) => ProblemOf(path, isFolder: false) ?? (Path.GetDirectoryName(path) is { Length: > 0 } folder ? ProblemOf(folder, isFolder: true) : null);

    private static unsafe string? ProblemOf(string path, bool isFolder)
    {
        byte* status = stackalloc byte[StatxBytes];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (Statx(WorkingFolder, name, 0, BasicStats, status) != 0)
            {
                return null;
            }
        }

        // The kernel's struct statx, the same on every machine.
        uint owner = *(uint*)(status + OwnerAt);
        int mode = *(ushort*)(status + ModeAt);
        if (owner != 0 && owner != EffectiveUser())
        {
            return $"{path} belongs to another user: run chown root {path}";
        }

        // In a folder such as /tmp everybody may make files, and change nobody else's. Debian gives /usr/local/bin to a group that has no members.
        bool isShared = isFolder ? (mode & (WritableByOthers | Sticky)) == WritableByOthers : (mode & (WritableByGroup | WritableByOthers)) != 0;
        return isShared ? $"{path} can be changed by other users: run chmod go-w {path}" : null;
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
