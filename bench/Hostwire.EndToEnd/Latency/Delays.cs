using System.Text.Json.Nodes;

namespace Hostwire.EndToEnd.Latency;

/// <summary>From a frame's time to something that happened to it, in milliseconds.</summary>
/// <param name="Half">Half of the frames took no longer.</param>
/// <param name="P90">90 % of them.</param>
/// <param name="P99">99 % of them.</param>
/// <param name="Max">The longest.</param>
internal sealed record Delays(double Half, double P90, double P99, double Max)
{
    /// <summary>Of all frames.</summary>
    public static Delays Of(IEnumerable<TimeSpan> delays)
    {
        double[] sorted = [.. delays.Select(delay => delay.TotalMilliseconds).Order()];
        return new Delays(Sample.Quantile(sorted, 0.5), Sample.Quantile(sorted, 0.9), Sample.Quantile(sorted, 0.99), sorted[^1]);
    }

    /// <summary>For a program.</summary>
    public JsonObject ToJson() => new() { ["p50"] = Math.Round(Half, 1), ["p90"] = Math.Round(P90, 1), ["p99"] = Math.Round(P99, 1), ["max"] = Math.Round(Max, 1) };
}
