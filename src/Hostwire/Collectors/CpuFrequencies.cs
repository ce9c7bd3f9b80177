using System.Buffers.Text;
using Hostwire.Metrics;

namespace Hostwire.Collectors;

/// <summary>The frequency of each CPU: from cpufreq where the kernel has it, else from <c>/proc/cpuinfo</c>, which only x86 fills in; else none.</summary>
/// <remarks>
/// cpufreq is a file for each CPU. They are kept open, so that a reading costs a few microseconds a CPU, a tenth of what the kernel needs to
/// write that CPU's forty lines of cpuinfo. Machines without cpufreq are virtual and mostly small, and have the one file only.
/// </remarks>
internal sealed class CpuFrequencies(HostPaths paths)
{
    private readonly KernelFile _cpuInfo = new($"{paths.Procfs}/cpuinfo");
    private readonly Dictionary<int, Series?> _series = [];
    private readonly List<(KernelFile File, Series? Series)> _files = [];
    private double _sum;
    private int _count;

    /// <summary>Looks anew which CPUs there are and where their frequencies stand; called when CPUs have come or gone.</summary>
    public void Refresh(IEnumerable<(int Cpu, Series? Series)> online)
    {
        _series.Clear();
        foreach ((KernelFile file, _) in _files)
        {
            file.Close();
        }

        _files.Clear();
        foreach ((int cpu, Series? series) in online)
        {
            _series[cpu] = series;
            string path = $"{paths.Sysfs}/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq";
            if (File.Exists(path))
            {
                _files.Add((new KernelFile(path, bufferBytes: 64), series));
            }
        }
    }

    /// <summary>Adds the frequency of each CPU that has one, in hertz, to its own series, and their mean to <paramref name="mean"/>.</summary>
    public void Collect(Scrape scrape, Series? mean)
    {
        (_sum, _count) = (0, 0);
        CollectEach(scrape);
        if (mean is not null && _count > 0)
        {
            scrape.Add(mean, _sum / _count);
        }
    }

    private void CollectEach(Scrape scrape)
    {
        if (_files.Count > 0)
        {
            CollectCpufreq(scrape);
        }
        else if (_cpuInfo.TryRead(out ReadOnlySpan<byte> content))
        {
            while (TryTakeCpu(ref content, out int cpu, out double hertz))
            {
                if (_series.TryGetValue(cpu, out Series? series))
                {
                    Add(scrape, series, hertz);
                }
            }
        }
    }

    /// <summary>Takes the next CPU that has a line <c>cpu MHz</c> off what cpuinfo holds; false at the end.</summary>
    internal static bool TryTakeCpu(ref ReadOnlySpan<byte> content, out int cpu, out double hertz)
    {
        cpu = -1;
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            if (!KernelText.TrySplitAtColon(line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            {
                continue;
            }

            if (name.SequenceEqual("processor"u8))
            {
                cpu = KernelText.TryTakeNumber(ref value, out ulong number) && number <= int.MaxValue ? (int)number : -1;
            }
            else if (cpu >= 0 && name.SequenceEqual("cpu MHz"u8) && TryParseMegahertz(value, out hertz))
            {
                return true;
            }
        }

        hertz = 0;
        return false;
    }

    private void CollectCpufreq(Scrape scrape)
    {
        foreach ((KernelFile file, Series? series) in _files)
        {
            // The CPU may have gone since /proc/stat was read, and a driver that does not know says "<unknown>".
            if (file.TryRead(out ReadOnlySpan<byte> content)
                && KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line)
                && KernelText.TryTakeNumber(ref line, out ulong kilohertz))
            {
                Add(scrape, series, kilohertz * 1000.0);
            }
        }
    }

    private void Add(Scrape scrape, Series? series, double hertz)
    {
        _sum += hertz;
        _count++;
        if (series is not null)
        {
            scrape.Add(series, hertz);
        }
    }

    private static bool TryParseMegahertz(ReadOnlySpan<byte> value, out double hertz)
    {
        bool parsed = Utf8Parser.TryParse(value, out double megahertz, out int length) && length == value.Length;

        // The kernel prints kHz with a point; the product of two doubles need not be the whole number of hertz that it was.
        hertz = Math.Round(megahertz * 1e6);
        return parsed;
    }
}
