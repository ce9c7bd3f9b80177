using System.Globalization;
using Hostwire.Diagnostics;

namespace Hostwire.Up;

/// <summary>Only one <c>up</c> at a time works in a data folder. The kernel drops the lock with the process, however that ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private const int AttemptsMax = 100;

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes it and notes this process's id.</summary>
    /// <exception cref="UserException">Somebody has it, or the folder cannot be written to.</exception>
    public static FolderLock Take(DataFolder folder)
    {
        FileStream? file = null;
        try
        {
            file = Open(folder);
            File.WriteAllText(folder.ProcessIdFile, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
            return new FolderLock(file);
        }
        catch (UnauthorizedAccessException error)
        {
            file?.Dispose();
            throw new UserException(
                $"The data folder {folder.FullPath} belongs to another user: {error.Message} Run hostwire up as that user, or choose another folder with --data DIR.", error);
        }
        catch (IOException error) when (file is null && IsHeld(folder))
        {
            throw new UserException($"hostwire up already runs with the data folder {folder.FullPath}{Holder(folder)}: stop it first, or choose another folder with --data DIR.", error);
        }
        catch (IOException error)
        {
            file?.Dispose();
            throw new UserException($"The data folder {folder.FullPath} cannot be written to: {error.Message} Make room there, or choose another folder with --data DIR.", error);
        }
    }

    /// <summary>Whether an <c>up</c> works in the folder now, as far as this user may know.</summary>
    public static bool IsHeld(DataFolder folder)
    {
        if (!File.Exists(folder.LockFile))
        {
            return false;
        }

        try
        {
            // FileShare.Read is flock(LOCK_SH), which is refused while somebody holds the other kind.
            File.OpenHandle(folder.LockFile, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return File.Exists(folder.LockFile);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(DataFolder folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX), and the runtime opens every file such that children do not inherit it.
                return new FileStream(folder.LockFile, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException) when (attempt < AttemptsMax && !IsHeld(folder))
            {
                // Another verb was looking whether the folder is in use, at this very moment.
            }
        }
    }

    private static string Holder(DataFolder folder) =>
        File.Exists(folder.ProcessIdFile) && File.ReadAllText(folder.ProcessIdFile).Trim() is { Length: > 0 } id ? $" (process {id})" : "";
}
