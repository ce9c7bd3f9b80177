namespace Hostwire.Configuration;

/// <summary>How to reach PostgreSQL: section <c>[postgres]</c>.</summary>
public sealed record PostgresOptions
{
    /// <summary><c>postgres.uri</c>: <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require</c> as Aiven prints it. Secret, for the password in it.</summary>
    public string Uri { get; init; } = "";

    /// <summary><c>postgres.password</c>: overrides the URI's; from environment or file only. Secret.</summary>
    public string Password { get; init; } = "";

    /// <summary><c>postgres.password_file</c>: a file that holds the password instead; read when the settings are, into <see cref="Password"/>.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary><c>postgres.ca_file</c>: the CA that signed the server's certificate (Aiven: <c>ca.pem</c>). Empty: the system's CAs.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>
    /// <c>postgres.tls_verify</c>: whether the server's certificate and host name are verified. TLS is verified in full whatever <c>sslmode</c> the URI names
    /// (libpq's <c>require</c> verifies nothing); only false, or <c>sslmode=disable</c> for no TLS at all, switches it off.
    /// </summary>
    public bool TlsVerify { get; init; } = true;

    /// <summary><c>postgres.max_connections</c>: the most connections one process opens.</summary>
    public int MaxConnections { get; init; } = 2;
}
