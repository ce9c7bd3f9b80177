namespace Hostwire.IntegrationTests.Kinds;

/// <summary>Every kind of point that OTLP has.</summary>
internal enum PointKind
{
    Gauge,
    CumulativeCounter,
    DeltaCounter,
    CumulativeUpDown,
    DeltaUpDown,
    Histogram,
    DeltaHistogram,
    ExponentialHistogram,
    DeltaExponentialHistogram,
    Summary,
}

/// <summary>What the kinds are on the wire and in the views.</summary>
internal static class PointKinds
{
    /// <summary>The field of a metric that holds its points.</summary>
    public static int DataField(this PointKind kind) => kind switch
    {
        PointKind.Gauge => 5,
        PointKind.Histogram or PointKind.DeltaHistogram => 9,
        PointKind.ExponentialHistogram or PointKind.DeltaExponentialHistogram => 10,
        PointKind.Summary => 11,
        _ => 7,
    };

    /// <summary>The kind as the views show it.</summary>
    public static string Name(this PointKind kind) => kind switch
    {
        PointKind.Gauge => "gauge",
        PointKind.CumulativeCounter or PointKind.DeltaCounter => "counter",
        PointKind.CumulativeUpDown or PointKind.DeltaUpDown => "up-down",
        PointKind.Summary => "summary",
        PointKind.Histogram or PointKind.DeltaHistogram => "histogram",
        _ => "exponential",
    };

    /// <summary>The temporality as it is sent; null for kinds that have none.</summary>
    public static string? Temporality(this PointKind kind) => kind switch
    {
        PointKind.Gauge or PointKind.Summary => null,
        PointKind.DeltaCounter or PointKind.DeltaUpDown or PointKind.DeltaHistogram or PointKind.DeltaExponentialHistogram => "delta",
        _ => "cumulative",
    };

    /// <summary>The temporality as the views show it.</summary>
    public static string ShownTemporality(this PointKind kind) => kind.Temporality() ?? "";
}
