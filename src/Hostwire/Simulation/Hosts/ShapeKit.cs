namespace Hostwire.Simulation.Hosts;

/// <summary>The series of a shape, made once and shared by all its hosts, which so cost little more than their counters.</summary>
internal sealed class ShapeKit(HostShape shape, SeriesBook book)
{
    private readonly SimulatedCpus.Kit _cpus = new(shape, book);
    private readonly SimulatedLoad.Kit _load = new(shape, book);
    private readonly SimulatedMemory.Kit _memory = new(shape, book);
    private readonly SimulatedPaging.Kit _paging = new(shape, book);
    private readonly SimulatedUptime.Kit _uptime = new(book);
    private readonly SimulatedDisks.Kit _disks = new(shape, book);
    private readonly SimulatedInterfaces.Kit _interfaces = new(shape, book);
    private readonly SimulatedTopProcesses.Kit _topProcesses = new();
    private readonly SimulatedProcessCounts.Kit _processCounts = new(shape, book);
    private readonly SimulatedConnections.Kit _connections = new(shape, book);
    private readonly SimulatedFilesystems.Kit _filesystems = new(shape, book);

    /// <summary>The shape.</summary>
    public HostShape Shape { get; } = shape;

    /// <summary>What a host reads at every scrape, in the catalogue's order.</summary>
    public ISimulatedSource[] NewFastSources(FleetRequest request, SeededRandom random)
    {
        List<ISimulatedSource> sources =
        [
            new SimulatedCpus(_cpus), new SimulatedLoad(_load), new SimulatedMemory(_memory), new SimulatedPaging(_paging), new SimulatedUptime(_uptime),
            new SimulatedDisks(_disks), new SimulatedInterfaces(_interfaces),
        ];
        if (Shape.HasContainers && request.Veths > 0)
        {
            sources.Add(new SimulatedVeths(request.Veths, book, random));
        }

        if (request.Processes > 0)
        {
            sources.Add(new SimulatedTopProcesses(request.Processes, _topProcesses, random));
        }

        return [.. sources];
    }

    /// <summary>What a host reads at every third scrape.</summary>
    public ISimulatedSource[] NewSlowSources(SeededRandom random) =>
        [new SimulatedProcessCounts(_processCounts), new SimulatedConnections(_connections), new SimulatedFilesystems(_filesystems, random)];
}
