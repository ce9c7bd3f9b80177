namespace Hostwire.Sink;

/// <summary>How many entries the sink's caches hold.</summary>
internal sealed record CacheSizes(int Hosts, int Resources, int Metrics, int Series, int Layouts);
