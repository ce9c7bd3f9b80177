using System.Globalization;

namespace Hostwire.Up;

/// <summary>One line as libpq reads it from <c>PGPASSFILE</c>: <c>127.0.0.1:PORT:*:*:PASSWORD</c>. All roles have one password: whoever reads the file may everything anyway.</summary>
internal sealed record PasswordFile(int Port, string Password)
{
    /// <summary>The administrator and the database; both are ours alone.</summary>
    public const string Role = "hostwire";

    /// <summary>Null where the file is missing or holds no such line.</summary>
    public static PasswordFile? Read(string path) => File.Exists(path) ? Parse(File.ReadAllText(path)) : null;

    /// <summary>Writes it, for its owner alone.</summary>
    public void Write(string path) => DataFolder.WriteSecret(path, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}:*:*:{Password}\n"));

    /// <summary>As <c>postgres.uri</c> takes it. The connection never leaves the machine, so it is not encrypted.</summary>
    public string Uri(string database, string role = Role) => string.Create(CultureInfo.InvariantCulture, $"postgres://{role}:{Password}@127.0.0.1:{Port}/{database}?sslmode=disable");

    internal static PasswordFile? Parse(string content)
    {
        string[] fields = content.TrimEnd('\n').Split(':');
        return fields is ["127.0.0.1", string portText, "*", "*", { Length: > 0 } password] && ushort.TryParse(portText, CultureInfo.InvariantCulture, out ushort port)
            ? new(port, password)
            : null;
    }
}
