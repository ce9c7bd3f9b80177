using Hostwire.Collectors;

namespace Hostwire.Tests.Fuzz;

/// <summary>Every parser of one line, or of one number, of a file of the kernel: it takes it or not, and never throws.</summary>
internal sealed class KernelLinesTarget : FuzzTarget
{
    private static readonly byte[][] Lines = [.. KernelFilesTarget.Files("small-vm").Concat(KernelFilesTarget.Files("container"))
        .SelectMany(file => File.ReadLines(file).Take(40)).Distinct(StringComparer.Ordinal).Select(System.Text.Encoding.UTF8.GetBytes).Where(line => line.Length > 0)];

    protected override byte[][] Originals => Lines;

    public override void Check(byte[] input) => Bounded(input, () =>
    {
        ReadOnlySpan<byte> line = input;
        AgentCollector.TryParseResidentPages(line, out _);
        ContainerCollector.TryParseLimit(line, out _);
        CpuTicks.TryParse(line, out _, out _);
        CpuTicks.TryParseSum(line, out _);
        DiskStats.TryParse(line, out _, out _);
        InterfaceStats.TryParse(line, out _, out _);
        LoadCollector.TryParse(line, out _, out _, out _);
        MountInfo.TryParse(line, out _);
        PagingCollector.TryParseDevice(line, out _, out _, out _);
        PressureStall.TryParse(line, out _, out _);
        ProcessStat.TryParse(line, out _, out _);
        ProcessTable.TryParseState(line, out _);
        SystemCollector.TryParse(line, out _);
        TcpState.TryParse(line, out _);
        KernelText.TrySplitAtColon(line, out _, out _);
        Assert.InRange(KernelText.Unescape(line).Length, 0, line.Length);
        return KernelText.ToText(line);
    });
}
