using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class PagingCollectorTests
{
    private const string Heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    [Fact]
    public void A_host_without_swap_yields_operations_and_faults_times_4096_as_the_collector_does()
    {
        Dictionary<string, double> values = Reading.Of(new PagingCollector(HostFixture.Paths("small-vm")));

        Assert.Equal(7, values.Count);
        Assert.Equal(0, values["hostwire.memory.oom_kills"]);
        Assert.Equal(0, values["system.paging.operations{direction=page_in,type=major}"]);
        Assert.Equal(0, values["system.paging.operations{direction=page_out,type=major}"]);
        Assert.Equal(5706145L * 4096, values["system.paging.operations{direction=page_in,type=minor}"]);
        Assert.Equal(29964888L * 4096, values["system.paging.operations{direction=page_out,type=minor}"]);
        Assert.Equal(5018L * 4096, values["system.paging.faults{type=major}"]);
        Assert.Equal((24474537L - 5018) * 4096, values["system.paging.faults{type=minor}"]);
    }

    [Fact]
    public void Swap_is_told_by_device()
    {
        Dictionary<string, double> values = Reading.Of(new PagingCollector(HostFixture.Paths("big-128")));

        Assert.Equal(7 + (2 * 4), values.Count);
        Assert.Equal(7, values["hostwire.memory.oom_kills"]);
        Assert.Equal(1234 * 4096, values["system.paging.operations{direction=page_in,type=major}"]);
        Assert.Equal(5678 * 4096, values["system.paging.operations{direction=page_out,type=major}"]);
        Assert.Equal(253952L * 1024, values["system.paging.usage{device=/dev/nvme0n1p3,state=used}"]);
        Assert.Equal((33554428L - 253952) * 1024, values["system.paging.usage{device=/dev/nvme0n1p3,state=free}"]);

        // 253,952 of 33,554,428 KiB is 0.00756836027...; the size in bytes has eleven digits.
        Assert.Equal(0.0075683603, values["system.paging.utilization{device=/dev/nvme0n1p3,state=used}"], 10);
        Assert.Equal(1, values["system.paging.utilization{device=/dev/nvme0n1p3,state=used}"] + values["system.paging.utilization{device=/dev/nvme0n1p3,state=free}"], 10);
        Assert.Equal(0, values["system.paging.usage{device=/var/swap\\040file,state=used}"]);
        Assert.Equal(1, values["system.paging.utilization{device=/var/swap\\040file,state=free}"]);
    }

    [Fact]
    public void Swap_that_is_switched_off_and_on_comes_and_goes()
    {
        using var host = new HostTree("small-vm");
        var collector = new PagingCollector(host.Paths);
        Assert.Equal(7, Reading.Of(collector).Count);

        host.Write("proc/swaps", Heading + "/swapfile file 2048 512 -2\n");
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(512 * 1024, values["system.paging.usage{device=/swapfile,state=used}"]);
        Assert.Equal(0.25, values["system.paging.utilization{device=/swapfile,state=used}"]);

        host.Write("proc/swaps", Heading);
        Assert.Equal(7, Reading.Of(collector).Count);
    }

    [Fact]
    public void A_kernel_without_swap_yields_what_it_has()
    {
        Dictionary<string, double> values = Reading.Of(new PagingCollector(HostFixture.Paths("container")));

        Assert.Equal(4, values.Count);
        Assert.Equal(100 * 4096, values["system.paging.operations{direction=page_in,type=minor}"]);
        Assert.Equal((5000 - 50) * 4096, values["system.paging.faults{type=minor}"]);
    }

    [Fact]
    public void A_device_of_no_size_has_no_shares()
    {
        using var host = new HostTree("small-vm");
        host.Write("proc/swaps", Heading + "/dev/zram0 partition 0 0 -2\n");
        Dictionary<string, double> values = Reading.Of(new PagingCollector(host.Paths));

        Assert.Equal(7 + 2, values.Count);
        Assert.Equal(0, values["system.paging.usage{device=/dev/zram0,state=free}"]);
    }

    [Theory]
    [InlineData("swaps", "")]
    [InlineData("swaps", "/swapfile file 2048 512 -2\n")]
    [InlineData("swaps", Heading + "/swapfile file 2048\n")]
    [InlineData("swaps", Heading + "/swapfile file 2048 4096 -2\n")]
    [InlineData("vmstat", "")]
    [InlineData("vmstat", "pgfault 5000\n")]
    [InlineData("vmstat", "pgfault 5000\npgmajfault 5")]
    public void A_file_that_was_cut_off_is_refused_by_name(string file, string content)
    {
        using var host = new HostTree("small-vm");
        host.Write($"proc/{file}", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Of(new PagingCollector(host.Paths)));

        Assert.StartsWith($"{host.Paths.Procfs}/{file} ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_vmstat_is_an_error()
    {
        using var host = new HostTree("container");
        host.Remove("proc/vmstat");

        Assert.Throws<IOException>(() => Reading.Of(new PagingCollector(host.Paths)));
    }
}
