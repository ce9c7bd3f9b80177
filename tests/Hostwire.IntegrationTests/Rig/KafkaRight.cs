using Confluent.Kafka.Admin;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>Rights on a broker that asks for them.</summary>
internal static class KafkaRight
{
    /// <summary>The rule that lets a user do something with one topic or group.</summary>
    public static AclBinding Of(string user, AclOperation operation, ResourceType type, string name) => new()
    {
        Pattern = new ResourcePattern { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
        Entry = new AccessControlEntry { Principal = $"User:{user}", Host = "*", Operation = operation, PermissionType = AclPermissionType.Allow },
    };
}
