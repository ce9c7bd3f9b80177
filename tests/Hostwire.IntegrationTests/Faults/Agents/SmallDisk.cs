using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>A process with a small file system of its own, in a mount namespace of its own: nothing stays mounted whatever becomes of it.</summary>
internal static class SmallDisk
{
    private static string[] Become => Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];

    /// <summary>Why there can be none here; null where there can.</summary>
    public static async Task<string?> ProblemAsync()
    {
        try
        {
            await ChildProcess.RunAsync("unshare", [.. Become, "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
            return null;
        }
        catch (InvalidOperationException error)
        {
            return $"A small file system cannot be mounted, neither as root nor in a user namespace: {error.Message}";
        }
    }

    /// <summary>Starts a program that sees it.</summary>
    /// <param name="folder">Where it is mounted.</param>
    /// <param name="options">Of mount, e.g. size=1m.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<ChildProcess> StartAsync(string folder, string options, string file, IEnumerable<string> arguments) => ChildProcess.StartAsync(
        "unshare",
        [.. Become, "--mount", "sh", "-c", "mount -t tmpfs -o \"$1\" tmpfs \"$2\"; shift 2; exec env -i PATH=\"$PATH\" HOME=/ \"$@\"", "sh", options, folder, file, .. arguments]);

    /// <summary>Mounts it again, with other options.</summary>
    public static Task RemountAsync(int processId, string folder, string options) => ChildProcess.RunAsync(
        "nsenter", [.. NamespacesOf(processId), "mount", "-o", $"remount,{options}", folder]);

    /// <summary>Fills it to the last byte.</summary>
    public static Task FillAsync(int processId, string folder) => ChildProcess.RunAsync(
        "nsenter", [.. NamespacesOf(processId), "sh", "-c", "dd if=/dev/zero bs=4k conv=notrunc oflag=append of=\"$1/filler\" 2>/dev/null || true", "sh", folder]);

    /// <summary>Takes away what filled it.</summary>
    public static Task ClearAsync(int processId, string folder) => ChildProcess.RunAsync("nsenter", [.. NamespacesOf(processId), "rm", Path.Combine(folder, "filler")]);

    private static string[] NamespacesOf(int processId) =>
        ["--target", processId.ToString(CultureInfo.InvariantCulture), .. Environment.IsPrivilegedProcess ? (string[])[] : ["--user", "--preserve-credentials"], "--mount"];
}
