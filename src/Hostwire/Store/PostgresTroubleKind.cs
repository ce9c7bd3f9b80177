namespace Hostwire.Store;

/// <summary>What stands between a client and PostgreSQL.</summary>
public enum PostgresTroubleKind
{
    /// <summary>It does not answer, or hung up: it is down, restarting, or the network is.</summary>
    Unreachable,

    /// <summary>The host name has no address.</summary>
    UnknownHost,

    /// <summary>The server's certificate is not trusted, or belongs to another name.</summary>
    Certificate,

    /// <summary>The server offers no TLS.</summary>
    NoTls,

    /// <summary>Wrong user or password.</summary>
    Login,

    /// <summary>The database does not exist.</summary>
    DatabaseMissing,

    /// <summary>The role lacks a right.</summary>
    RightMissing,

    /// <summary>A table, column or function is missing.</summary>
    SchemaMissing,

    /// <summary>It takes no writes: a replica, or a disk that is nearly full.</summary>
    ReadOnly,

    /// <summary>Its disk is full.</summary>
    DiskFull,

    /// <summary>It has no connection free.</summary>
    TooManyConnections,

    /// <summary>Anything else, in PostgreSQL's words.</summary>
    Other,
}
