using System.Globalization;
using Hostwire.Configuration;

namespace Hostwire.Store;

/// <summary>
/// Reads <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require</c>, as libpq's documentation describes it: both schemes, percent-encoding in every
/// part, IPv6 addresses in brackets, several hosts, and parts given as parameters instead (<c>?host=/run/postgresql</c>).
/// </summary>
public static class PostgresUriParser
{
    /// <summary>The parameters that are understood.</summary>
    public static string[] KnownParameters { get; } =
    [
        "application_name", "channel_binding", "connect_timeout", "dbname", "host", "options", "password", "port", "sslcert", "sslkey", "sslmode",
        "sslrootcert", "target_session_attrs", "user",
    ];

    /// <summary>
    /// The URI's parts, or what is wrong with it as sentences that go on after the key. No message repeats any part that might be a password: where an
    /// unescaped <c>@</c> or <c>/</c> shifts the parts, that is any of them.
    /// </summary>
    public static PostgresUri? Parse(string uri, out string problem)
    {
        int scheme = uri.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || uri[..scheme] is not ("postgres" or "postgresql"))
        {
            problem = "must begin with postgres:// or postgresql://.";
            return null;
        }

        string rest = uri[(scheme + 3)..];
        (rest, string query) = Split(rest, rest.IndexOf('?'));
        (string authority, string database) = Split(rest, rest.IndexOf('/'));
        int at = authority.LastIndexOf('@');
        string user = at < 0 ? "" : authority[..at];
        (user, string password) = Split(user, user.IndexOf(':'));
        if (user.Contains('@') || password.Contains('@') || database.Contains('@') || database.Contains('/'))
        {
            problem = "has a character that must be percent-encoded: in user, password and database write @ as %40, / as %2F, : as %3A, ? as %3F.";
            return null;
        }

        if (!TryDecode(ref user) || !TryDecode(ref password) || !TryDecode(ref database))
        {
            problem = "has a % that begins no percent-encoded character: write % itself as %25.";
            return null;
        }

        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (ParametersProblem(query, parameters) is string wrong)
        {
            problem = wrong;
            return null;
        }

        string hosts = authority[(at + 1)..];
        bool hostsDecoded = hosts.Length == 0 && parameters.ContainsKey("host");
        List<(string, int)>? servers = Hosts(hostsDecoded ? Take(parameters, "host") : hosts, hostsDecoded, Take(parameters, "port"), out problem);
        return servers is null ? null : new PostgresUri
        {
            Hosts = servers,
            Username = Take(parameters, "user") is { Length: > 0 } user2 ? user2 : user,
            Password = Take(parameters, "password") is { Length: > 0 } password2 ? password2 : password,
            Database = Take(parameters, "dbname") is { Length: > 0 } database2 ? database2 : database,
            Parameters = parameters,
        };
    }

    private static string? ParametersProblem(string query, Dictionary<string, string> parameters)
    {
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            (string name, string value) = Split(pair, pair.IndexOf('='));
            if (!TryDecode(ref name) || !TryDecode(ref value))
            {
                return "has a parameter with a % that begins no percent-encoded character: write % itself as %25.";
            }

            if (!KnownParameters.Contains(name, StringComparer.Ordinal))
            {
                // A question mark inside an unescaped password makes the rest of it look like parameters, so the name itself is not repeated.
                return $"has a parameter that is not known, or a ? in the password that must be written as %3F.{NearestName.Question(name, KnownParameters)} "
                    + $"Known are {string.Join(", ", KnownParameters)}.";
            }

            if (!parameters.TryAdd(name, value))
            {
                return $"has the parameter {name} twice.";
            }
        }

        return null;
    }

    private static List<(string, int)>? Hosts(string text, bool decoded, string portText, out string problem)
    {
        var hosts = new List<(string, int)>();
        string[] ports = portText.Split(',');
        string[] parts = text.Split(',');
        problem = "";
        for (int i = 0; i < parts.Length; i++)
        {
            string host = parts[i];
            string port = ports.Length == parts.Length ? ports[i] : ports[0];
            int bracket = host.LastIndexOf(']');
            int colon = decoded ? -1 : host.IndexOf(':', bracket + 1);
            if (colon >= 0)
            {
                (host, port) = (host[..colon], host[(colon + 1)..]);
            }

            int number = PostgresUri.DefaultPort;
            if (port.Length > 0 && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is < 1 or > 65535))
            {
                // Not the text itself: behind an unescaped character it could be a piece of the password.
                problem = "has a port that is not a number from 1 to 65535 (or a character in user or password that must be percent-encoded).";
                return null;
            }

            if (!decoded && !TryDecode(ref host))
            {
                problem = "has a % in the host that begins no percent-encoded character.";
                return null;
            }

            host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
            if (host.Length == 0)
            {
                problem = "names no host: write postgres://USER@HOST:PORT/DATABASE, or ?host=/FOLDER for a Unix socket.";
                return null;
            }

            hosts.Add((host, number));
        }

        if (hosts.Count > 1 && hosts.Exists(host => host.Item1.StartsWith('/')))
        {
            problem = "mixes a Unix socket with other hosts: name one or the others.";
            return null;
        }

        return hosts;
    }

    private static (string Before, string After) Split(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static string Take(Dictionary<string, string> parameters, string name) => parameters.Remove(name, out string? value) ? value : "";

    private static bool TryDecode(ref string text)
    {
        for (int i = text.IndexOf('%'); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]) || text[(i + 1)..(i + 3)] is "00")
            {
                return false;
            }
        }

        text = Uri.UnescapeDataString(text);
        return true;
    }
}
