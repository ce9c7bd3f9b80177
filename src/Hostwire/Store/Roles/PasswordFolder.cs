using System.Security.Cryptography;
using Hostwire.Diagnostics;

namespace Hostwire.Store.Roles;

/// <summary>A folder with a file for each role, named after it, that holds its password: what <c>postgres.password_file</c> and a systemd credential want.</summary>
internal sealed class PasswordFolder(string path)
{
    private const int PasswordBytes = 24;

    /// <summary>The file of a role.</summary>
    public string FileOf(string role) => Path.Combine(path, role);

    /// <summary>Reads the password of each role; where there is no file, a random one is made and written for its owner alone.</summary>
    /// <exception cref="UserException">A file cannot be read or written, or holds what cannot be a password.</exception>
    public IReadOnlyDictionary<string, string> ReadOrMake(IEnumerable<string> roles)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return roles.ToDictionary(role => role, ReadOrMake, StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The passwords cannot be kept in {path} ({error.Message}): name a folder with --passwords that {Environment.UserName} may write to.", error);
        }
    }

    private string ReadOrMake(string role)
    {
        string file = FileOf(role);
        if (!File.Exists(file))
        {
            string made = RandomNumberGenerator.GetHexString(2 * PasswordBytes, lowercase: true);
            using var stream = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            using var writer = new StreamWriter(stream);
            writer.Write(made + "\n");
            return made;
        }

        string password = File.ReadAllText(file).TrimEnd('\r', '\n');
        return ScramVerifier.CanTake(password)
            ? password
            : throw new UserException($"{file} must hold one line of printable ASCII characters; set any other password with \"\\password {role}\" in psql.");
    }
}
