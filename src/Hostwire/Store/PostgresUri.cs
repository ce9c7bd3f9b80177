using System.Globalization;

namespace Hostwire.Store;

/// <summary>
/// A <c>postgres://</c> URI taken apart as libpq reads it, since Npgsql takes none. Parts are percent-decoded; one that the URI does not give is empty.
/// The text of this record leaves the password out.
/// </summary>
public sealed record PostgresUri
{
    /// <summary>The port where the URI names none.</summary>
    public const int DefaultPort = 5432;

    /// <summary>The servers, tried in turn: names, addresses (IPv6 without brackets), or the folder of a Unix socket.</summary>
    public required IReadOnlyList<(string Host, int Port)> Hosts { get; init; }

    /// <summary>The user, or empty.</summary>
    public string Username { get; init; } = "";

    /// <summary>The password, or empty. Secret.</summary>
    public string Password { get; init; } = "";

    /// <summary>The database, or empty: then it is named like the user.</summary>
    public string Database { get; init; } = "";

    /// <summary>The parameters after the <c>?</c> that are not one of the above, by their libpq name.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether it leads to a Unix socket of this machine.</summary>
    public bool IsUnixSocket => Hosts[0].Host.StartsWith('/');

    /// <summary>Where it leads, for people: <c>HOST:PORT/DATABASE</c>.</summary>
    public string Address =>
        string.Join(',', Hosts.Select(host => string.Create(CultureInfo.InvariantCulture, $"{(host.Host.Contains(':') ? $"[{host.Host}]" : host.Host)}:{host.Port}")))
        + (Database.Length > 0 ? $"/{Database}" : "");

    /// <summary>A URI that leads to the same place as another user, without a password.</summary>
    public string ForUser(string user)
    {
        string hosts = string.Join(',', Hosts.Select(host => string.Create(
            CultureInfo.InvariantCulture, $"{(host.Host.Contains(':') ? $"[{host.Host}]" : Uri.EscapeDataString(host.Host))}:{host.Port}")));
        string parameters = string.Join('&', Parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        // A database that is not named is named like the user, who is another one here.
        string database = Database.Length > 0 ? Database : Username;
        return $"postgres://{Uri.EscapeDataString(user)}@{hosts}/{Uri.EscapeDataString(database)}{(parameters.Length > 0 ? $"?{parameters}" : "")}";
    }

    /// <summary>One parameter, or empty.</summary>
    public string Parameter(string name) => Parameters.GetValueOrDefault(name, "");

    /// <summary>The address: never the password.</summary>
    public override string ToString() => Username.Length > 0 ? $"{Username}@{Address}" : Address;
}
