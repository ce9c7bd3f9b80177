namespace Hostwire.Up;

/// <summary>Finds a <c>hostwire up</c> of this user that runs now, so that other verbs reach what it runs without any setting.</summary>
public static class RunningUp
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Its settings file, in the folder that <c>HOSTWIRE_DATA</c> names or the usual one; null where none runs, or it is not this user's.</summary>
    /// <param name="variable">The environment.</param>
    /// <param name="isRoot">Whether this process is root's.</param>
    public static string? SettingsFile(Func<string, string?> variable, bool isRoot)
    {
        DataFolder folder = DataFolder.Default(variable, isRoot);
        return File.Exists(folder.AddressFile) && IsPrivate(folder.AddressFile) && FolderLock.IsHeld(folder) ? folder.AddressFile : null;
    }

    // Whoever can read a file that only its owner may read is the owner, or root, whose usual folder no other user can write to.
    private static bool IsPrivate(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete).Dispose();
            return (File.GetUnixFileMode(path) & OthersMay) == UnixFileMode.None;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
