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
        _ = AgentCollector.TryParseResidentPages(line, out _);
        _ = ContainerCollector.TryParseLimit(line, out _);
        _ = CpuTicks.TryParse(line, out _, out _);
        _ = CpuTicks.TryParseSum(line, out _);
        _ = DiskStats.TryParse(line, out _, out _);
        _ = InterfaceStats.TryParse(line, out _, out _);
        _ = LoadCollector.TryParse(line, out _, out _, out _);
        _ = MountInfo.TryParse(line, out _);
        _ = PagingCollector.TryParseDevice(line, out _, out _, out _);
        _ = PressureStall.TryParse(line, out _, out _);
        _ = ProcessStat.TryParse(line, out _, out _);
        _ = ProcessTable.TryParseState(line, out _);
        _ = SystemCollector.TryParse(line, out _);
        _ = TcpState.TryParse(line, out _);
        _ = KernelText.TrySplitAtColon(line, out _, out _);
        Assert.InRange(KernelText.Unescape(line).Length, 0, line.Length);
        return KernelText.ToText(line);
    });
}
