namespace Hostwire.Collectors;

/// <summary>Every collector there is. Settings, <c>--help</c> and <c>docs/metrics.md</c> are made from this list.</summary>
public static class CollectorCatalogue
{
    /// <summary>The collectors, in the order in which a pass calls them: those that read only memory of the kernel first, those that may wait last.</summary>
    public static CollectorDefinition[] All { get; } =
    [
        CpuCollector.Definition,
        LoadCollector.Definition,
        MemoryCollector.Definition,
        PagingCollector.Definition,
        PressureCollector.Definition,
        SystemCollector.Definition,
        DiskCollector.Definition,
        NetworkCollector.Definition,
        ContainerCollector.Definition,
        ProtocolsCollector.Definition,
        KernelCollector.Definition,
        ClockCollector.Definition,
        ProcessesCollector.Definition,
        ConnectionsCollector.Definition,
        FilesystemCollector.Definition,
        TemperatureCollector.Definition,
        TopCollector.Definition,
        AgentCollector.Definition,
    ];
}
