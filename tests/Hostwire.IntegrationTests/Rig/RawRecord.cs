namespace Hostwire.IntegrationTests.Rig;

/// <summary>A record as it goes onto a topic.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Key">Its key; null as the OpenTelemetry Collector sends it.</param>
/// <param name="Partition">Its partition; null: by key, or any.</param>
/// <param name="TimeMillis">Its time; null: now.</param>
public sealed record RawRecord(byte[] Value, byte[]? Key = null, int? Partition = null, long? TimeMillis = null);
