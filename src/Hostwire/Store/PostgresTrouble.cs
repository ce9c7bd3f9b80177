using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Npgsql;

namespace Hostwire.Store;

/// <summary>An error of PostgreSQL or of the way there, as a person needs it: what is wrong, where, and the fix.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Sentence">One or two whole sentences; no secret in them.</param>
/// <param name="NeedsPerson">Whether it stays until somebody changes something: waiting alone does not help.</param>
public sealed record PostgresTrouble(PostgresTroubleKind Kind, string Sentence, bool NeedsPerson)
{
    /// <summary>Whether this may be a fault of the data: PostgreSQL refuses it today and will tomorrow, so that only setting it aside helps.</summary>
    /// <remarks>A short list on purpose: whatever is not on it is a lost dependency, and is tried again. 23514 is not: it is a missing partition.</remarks>
    public static bool IsDataError(Exception error) =>
        error is PostgresException { SqlState: { } state } refused
        && (state.StartsWith("22", StringComparison.Ordinal) || state is PostgresErrorCodes.ProgramLimitExceeded)
        && !IsOfSettings(refused);

    /// <summary>Whether waiting and trying again is all there is to do: everything but an error in our own program.</summary>
    public static bool IsRetryable(Exception error) => error is
        NpgsqlException or IOException or SocketException or TimeoutException or AuthenticationException
        // A certificate's file that is just being replaced.
        or CryptographicException;

    /// <summary>Explains an error.</summary>
    public static PostgresTrouble From(Exception error, PostgresOptions options)
    {
        string where = $"PostgreSQL at {PostgresDataSource.Address(options)}";
        return error is PostgresException refused ? FromServer(refused, where) : FromConnection(error, options, where);
    }

    /// <summary>Explains an error like <see cref="From"/>, and says what exactly is wrong with a certificate that is not trusted, for which it looks at the server's again. Takes seconds at most.</summary>
    public static async Task<PostgresTrouble> FindAsync(Exception error, PostgresOptions options, CancellationToken cancellationToken)
    {
        PostgresTrouble trouble = From(error, options);
        if (trouble.Kind is not PostgresTroubleKind.Certificate || !options.TlsVerify || PostgresUriParser.Parse(options.Uri, out _) is not { } uri)
        {
            return trouble;
        }

        foreach ((string host, int port) in uri.Hosts)
        {
            var fault = new CertificateFault(host, "postgres.uri", "postgres.ca_file", PostgresDataSource.RootCertificate(options, uri));
            if (await CertificateLook.AtAsync(port, AskForTlsAsync, fault, cancellationToken) is { } found)
            {
                return trouble with { Sentence = $"{NotTrusted(PostgresDataSource.Address(options))} {found}." };
            }
        }

        return trouble;
    }

    /// <summary>PostgreSQL's SSLRequest, which it answers with one letter, before anybody has said who they are.</summary>
    private static async Task<bool> AskForTlsAsync(Stream server, CancellationToken cancellationToken)
    {
        byte[] request = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
        await server.WriteAsync(request, cancellationToken);
        await server.ReadExactlyAsync(request.AsMemory(0, 1), cancellationToken);
        return request[0] == 'S';
    }

    private static string NotTrusted(string address) => $"The certificate of PostgreSQL at {address} is not trusted:";

    // No record can make this function fail: every day that one may name is a date. What it reads besides are the settings.
    private static bool IsOfSettings(PostgresException refused) => refused.Where?.Contains("hostwire.ensure_partition(", StringComparison.Ordinal) == true;

    private static PostgresTrouble FromServer(PostgresException error, string where) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            new(PostgresTroubleKind.Login, $"{where} refused the login ({error.MessageText}): check user and password in postgres.uri, or postgres.password.", NeedsPerson: true),
        PostgresErrorCodes.InvalidCatalogName =>
            new(PostgresTroubleKind.DatabaseMissing, $"{where} has no such database ({error.MessageText}): create it, or check postgres.uri.", NeedsPerson: true),
        PostgresErrorCodes.InsufficientPrivilege =>
            new(PostgresTroubleKind.RightMissing, $"{where} refuses this role a right ({error.MessageText}): log in as one that \"hostwire db roles\" made for this, or grant it, see docs/schema.md.", NeedsPerson: true),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction =>
            new(PostgresTroubleKind.SchemaMissing, $"{where} lacks a part of the schema ({error.MessageText}): run \"hostwire db migrate\".", NeedsPerson: true),
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            new(PostgresTroubleKind.ReadOnly, $"{where} is read-only: its disk is nearly full, or this is a replica. Free space, or point postgres.uri at the primary.", NeedsPerson: true),
        PostgresErrorCodes.DiskFull =>
            new(PostgresTroubleKind.DiskFull, $"{where} has no space left on its disk: free some, or lower sink.retention_days.", NeedsPerson: true),
        PostgresErrorCodes.TooManyConnections =>
            new(PostgresTroubleKind.TooManyConnections, $"{where} has no connection free: end some, or raise its max_connections.", NeedsPerson: false),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            new(PostgresTroubleKind.Unreachable, $"{where} is stopping or starting, or has ended this connection ({error.MessageText}): check that it runs.", NeedsPerson: false),
        _ when error.SqlState.StartsWith("22", StringComparison.Ordinal) && IsOfSettings(error) =>
            new(PostgresTroubleKind.Other, $"{where} cannot read retention_days in hostwire.setting ({error.MessageText}): start a sink again, which writes sink.retention_days there.", NeedsPerson: true),
        _ => new(PostgresTroubleKind.Other, $"{where}: {error.MessageText} (SQLSTATE {error.SqlState}).", NeedsPerson: false),
    };

    private static PostgresTrouble FromConnection(Exception error, PostgresOptions options, string where)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                string ca = options.CaFile.Length > 0 ? $"is {options.CaFile}" : "is not set, so the system's CAs are used";
                return new(
                    PostgresTroubleKind.Certificate, $"{NotTrusted(PostgresDataSource.Address(options))} postgres.ca_file ({ca}) must be the CA that signed it (Aiven: the project's ca.pem), and the certificate must be made out for the host in postgres.uri and not have expired.",
                    NeedsPerson: true);
            }

            if (cause is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData })
            {
                return new(PostgresTroubleKind.UnknownHost, $"The host name of {where} cannot be resolved: check postgres.uri and DNS.", NeedsPerson: true);
            }
        }

        // Npgsql's own word for a server that answers "no" to the request for TLS.
        if (error.Message.Contains("SSL connection requested", StringComparison.Ordinal))
        {
            return new(PostgresTroubleKind.NoTls, $"{where} speaks no TLS: switch it on there; sslmode=disable in postgres.uri does without.", NeedsPerson: true);
        }

        string detail = (error.InnerException ?? error).Message.TrimEnd('.');
        return new(PostgresTroubleKind.Unreachable, $"{where} cannot be reached or hung up ({detail}): check that it runs, postgres.uri and the firewall.", NeedsPerson: false);
    }
}
