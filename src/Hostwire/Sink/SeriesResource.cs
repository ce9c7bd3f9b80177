namespace Hostwire.Sink;

/// <summary>What a resource gives to each of its series. Hosts of a fleet nearly always share one, since what describes the host is no part of it.</summary>
/// <param name="CacheId">Number in the cache, for composite keys.</param>
/// <param name="Attributes">Attributes that every series of the resource gets.</param>
internal sealed record SeriesResource(int CacheId, AttributeSet Attributes);
