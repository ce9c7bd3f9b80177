namespace Hostwire.Kafka;

/// <summary>What stands between a client and Kafka.</summary>
public enum KafkaTroubleKind
{
    /// <summary>No broker answers: it is down, restarting, or the network is.</summary>
    Unreachable,

    /// <summary>The host name has no address.</summary>
    UnknownHost,

    /// <summary>The broker's certificate is not trusted, or belongs to another name.</summary>
    Certificate,

    /// <summary>The broker wants a client's certificate and did not get one it trusts.</summary>
    ClientCertificate,

    /// <summary>One side speaks TLS and the other does not.</summary>
    Protocol,

    /// <summary>Wrong user, password or mechanism.</summary>
    Login,

    /// <summary>The topic does not exist.</summary>
    TopicMissing,

    /// <summary>The user lacks a right on the topic.</summary>
    TopicForbidden,

    /// <summary>The user lacks a right on the cluster.</summary>
    ClusterForbidden,

    /// <summary>The user lacks a right on the consumer group.</summary>
    GroupForbidden,

    /// <summary>A batch cannot be unpacked: it is damaged, or would be larger than the client takes.</summary>
    Batch,

    /// <summary>The cluster is there but cannot take records now: too few replicas, no leader.</summary>
    Unavailable,

    /// <summary>Anything else, in librdkafka's words.</summary>
    Other,
}
