namespace Hostwire.EndToEnd.Drain;

/// <summary>What a point is called, by which the database's answer is compared with what was sent.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="AttributesJson">Its attributes as JSON.</param>
internal readonly record struct SeriesName(string Metric, string AttributesJson);
