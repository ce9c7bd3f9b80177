using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Makes Npgsql's data source from section <c>[postgres]</c>: TLS verified in full, a small pool, and nothing that PgBouncer in transaction mode refuses.</summary>
public static class PostgresDataSource
{
    // A server that has gone without a word (failover, NAT) is noticed after keepalive time plus a few intervals, in seconds.
    private const int TcpKeepAliveTimeSeconds = 30;
    private const int TcpKeepAliveIntervalSeconds = 10;

    // Npgsql's own limit for a connect timeout.
    private const int ConnectTimeoutSecondsMax = 1024;

    /// <summary>A pool that connects when first used. Needs no type of PostgreSQL but the plain ones and arrays.</summary>
    /// <exception cref="UserException">A setting is wrong, or a file it names cannot be read.</exception>
    public static NpgsqlDataSource Create(PostgresOptions options)
    {
        SettingProblem[] problems = [.. Problems(options)];
        if (problems.Length > 0)
        {
            throw new UserException(string.Join(' ', problems), ExitCode.Usage);
        }

        var builder = new NpgsqlSlimDataSourceBuilder(ConnectionString(options));
        builder.EnableTransportSecurity();
        builder.EnableArrays();
        return builder.Build();
    }

    /// <summary>Everything that is wrong with the section, without a connection.</summary>
    public static IEnumerable<SettingProblem> Problems(PostgresOptions options)
    {
        if (options.Uri.Length == 0)
        {
            yield return new("postgres.uri", "is not set: put the service URI of your PostgreSQL there, or into HOSTWIRE_POSTGRES_URI.");
            yield break;
        }

        if (PostgresUriParser.Parse(options.Uri, out string problem) is not PostgresUri uri)
        {
            yield return new("postgres.uri", problem);
            yield break;
        }

        foreach (string wrong in ParameterProblems(uri))
        {
            yield return new("postgres.uri", wrong);
        }

        if (options.CaFile.Length > 0 && FilePath.PemProblem(FilePath.Expand(options.CaFile), PemKind.Certificate) is string caProblem)
        {
            yield return new("postgres.ca_file", caProblem);
        }
    }

    /// <summary>Where the settings lead, for logs and errors: <c>USER@HOST:PORT/DATABASE</c>, without a secret.</summary>
    public static string Address(PostgresOptions options) => PostgresUriParser.Parse(options.Uri, out _)?.ToString() ?? "";

    /// <summary>As Npgsql wants it; holds the password.</summary>
    internal static string ConnectionString(PostgresOptions options)
    {
        PostgresUri uri = PostgresUriParser.Parse(options.Uri, out string problem) ?? throw new UserException($"postgres.uri {problem}", ExitCode.Usage);
        var settings = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = uri.Parameter("application_name") is { Length: > 0 } name ? name : "hostwire",
            MaxPoolSize = options.MaxConnections,
            // DISCARD ALL on return to the pool breaks PgBouncer in transaction mode; nothing here leaves session state behind.
            NoResetOnClose = true,
            TcpKeepAlive = true,
            TcpKeepAliveTime = TcpKeepAliveTimeSeconds,
            TcpKeepAliveInterval = TcpKeepAliveIntervalSeconds,
            // Kerberos is not offered, and looking for its library is noise in slim images.
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        Connect(settings, uri);
        SetIfGiven(settings, "Username", uri.Username);
        SetIfGiven(settings, "Password", options.Password.Length > 0 ? options.Password : uri.Password);
        SetIfGiven(settings, "Database", uri.Database);
        SetIfGiven(settings, "Options", uri.Parameter("options"));
        if (uri.Parameter("connect_timeout") is { Length: > 0 } timeout)
        {
            settings.Timeout = int.Parse(timeout, CultureInfo.InvariantCulture);
        }

        if (uri.Parameter("channel_binding") is { Length: > 0 } binding)
        {
            settings.ChannelBinding = Enum.Parse<ChannelBinding>(binding, ignoreCase: true);
        }

        Secure(settings, options, uri);
        return settings.ConnectionString;
    }

    /// <summary>The file of the CA that must have signed the server's certificate; empty: one of the system's.</summary>
    internal static string RootCertificate(PostgresOptions options, PostgresUri uri)
    {
        string ca = options.CaFile.Length > 0 ? options.CaFile : uri.Parameter("sslrootcert");
        return ca is "system" ? "" : FilePath.Expand(ca);
    }

    private static void Connect(NpgsqlConnectionStringBuilder settings, PostgresUri uri)
    {
        if (uri.Hosts.Count == 1)
        {
            // target_session_attrs chooses between servers; with one there is no choice, and Npgsql refuses the setting.
            (settings.Host, settings.Port) = uri.Hosts[0];
            return;
        }

        settings.Host = string.Join(',', uri.Hosts.Select(host =>
            string.Create(CultureInfo.InvariantCulture, $"{(host.Host.Contains(':') ? $"[{host.Host}]" : host.Host)}:{host.Port}")));
        SetIfGiven(settings, "Target Session Attributes", uri.Parameter("target_session_attrs"));
    }

    /// <summary>libpq's <c>require</c>, <c>prefer</c> and no mode at all verify nothing; here each of them verifies everything, unless a setting says no.</summary>
    private static void Secure(NpgsqlConnectionStringBuilder settings, PostgresOptions options, PostgresUri uri)
    {
        if (uri.IsUnixSocket || uri.Parameter("sslmode") is "disable")
        {
            settings.SslMode = SslMode.Disable;
            return;
        }

        SetIfGiven(settings, "SSL Certificate", FilePath.Expand(uri.Parameter("sslcert")));
        SetIfGiven(settings, "SSL Key", FilePath.Expand(uri.Parameter("sslkey")));
        settings.SslMode = options.TlsVerify ? SslMode.VerifyFull : SslMode.Require;
        if (options.TlsVerify)
        {
            SetIfGiven(settings, "Root Certificate", RootCertificate(options, uri));
        }
    }

    private static IEnumerable<string> ParameterProblems(PostgresUri uri)
    {
        if (uri.Parameter("sslmode") is not ("" or "disable" or "allow" or "prefer" or "require" or "verify-ca" or "verify-full"))
        {
            yield return "has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full.";
        }

        if (uri.Parameter("channel_binding") is not ("" or "disable" or "prefer" or "require"))
        {
            yield return "has a channel_binding that is none of disable, prefer, require.";
        }

        if (uri.Parameter("target_session_attrs") is not ("" or "any" or "primary" or "standby" or "prefer-standby" or "read-write" or "read-only"))
        {
            yield return "has a target_session_attrs that is none of any, primary, standby, prefer-standby, read-write, read-only.";
        }

        if (uri.Parameter("connect_timeout") is { Length: > 0 } timeout
            && !(int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds <= ConnectTimeoutSecondsMax))
        {
            yield return $"has a connect_timeout that is no whole number of seconds up to {ConnectTimeoutSecondsMax}.";
        }

        (string Name, PemKind Kind)[] files = [("sslrootcert", PemKind.Certificate), ("sslcert", PemKind.Certificate), ("sslkey", PemKind.PrivateKey)];
        foreach ((string name, PemKind kind) in files)
        {
            if (uri.Parameter(name) is { Length: > 0 } path && path is not "system" && FilePath.PemProblem(FilePath.Expand(path), kind) is string problem)
            {
                yield return $"has the parameter {name}, which {problem}";
            }
        }
    }

    private static void SetIfGiven(NpgsqlConnectionStringBuilder settings, string keyword, string value)
    {
        if (value.Length > 0)
        {
            settings[keyword] = value;
        }
    }
}
