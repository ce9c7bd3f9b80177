namespace Hostwire.Tests.Fuzz;

/// <summary>Every parser of foreign bytes there is.</summary>
internal static class FuzzTargets
{
    /// <summary>The targets: name, how many inputs a test has time for, and one for each thread.</summary>
    public static (string Name, int ShortRun, Func<FuzzTarget> Create)[] All { get; } =
    [
        ("otlp-protobuf", 10_000, () => new OtlpProtobufTarget()),
        ("otlp-shapes", 2_000, () => new OtlpShapesTarget()),
        ("otlp-json", 2_000, () => new OtlpJsonTarget()),
        ("system-metrics-json", 5_000, () => new SystemMetricsTarget()),
        ("exposition", 10_000, () => new ExpositionTarget()),
        ("config-toml", 300, () => new TomlTarget()),
        ("postgres-uri", 10_000, () => new PostgresUriTarget()),
        ("kernel-lines", 10_000, () => new KernelLinesTarget()),
        ("kernel-files", 100, () => new KernelFilesTarget()),
        ("tcp-diagnostics", 10_000, () => new TcpDiagnosticsTarget()),
        ("spool-log", 10_000, () => new SpoolLogTarget()),
        ("spool-file", 20, () => new SpoolTarget()),
    ];

    /// <summary>What is kept of a target's inputs under <c>fixtures/fuzz</c>: whatever was wrong once.</summary>
    public static byte[][] Kept(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "fuzz", name);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
    }
}
