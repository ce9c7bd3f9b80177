using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class MemoryCollectorTests
{
    private const long Kib = 1024;

    [Fact]
    public void A_small_vm_yields_its_memory_by_state()
    {
        Dictionary<string, double> values = Reading.Of(new MemoryCollector(HostFixture.Paths("small-vm")));

        // Without huge pages in the pool there are no shares of it.
        Assert.Equal(6 * 2 + 5 + 4 + 2, values.Count);
        Assert.Equal(24683668 * Kib, values["system.memory.limit"]);
        Assert.Equal((24683668 - 21447536) * Kib, values["system.memory.usage{state=used}"]);
        Assert.Equal(16437568 * Kib, values["system.memory.usage{state=free}"]);
        Assert.Equal(25732 * Kib, values["system.memory.usage{state=buffered}"]);
        Assert.Equal((7227868 + 300184) * Kib, values["system.memory.usage{state=cached}"]);
        Assert.Equal(300184 * Kib, values["system.memory.usage{state=slab_reclaimable}"]);
        Assert.Equal(56092 * Kib, values["system.memory.usage{state=slab_unreclaimable}"]);
        Assert.Equal(21447536 * Kib, values["system.linux.memory.available"]);
        Assert.Equal(1512 * Kib, values["system.linux.memory.dirty"]);
        Assert.Equal(2210180 * Kib, values["system.memory.linux.shared"]);
        Assert.Equal(Environment.SystemPageSize, values["system.memory.page_size"]);
        Assert.Equal(0, values["system.memory.linux.hugepages.limit"]);
        Assert.Equal(2048 * Kib, values["system.memory.linux.hugepages.page_size"]);

        // 3,236,132 of 24,683,668 KiB is 0.131104177871861...; the total in bytes has eleven digits.
        Assert.Equal(0.13110417787, values["system.memory.utilization{state=used}"]);
    }

    [Fact]
    public void A_big_host_yields_its_huge_pages()
    {
        Dictionary<string, double> values = Reading.Of(new MemoryCollector(HostFixture.Paths("big-128")));

        Assert.Equal(6 * 2 + 5 + 4 + 4, values.Count);
        Assert.Equal(4096, values["system.memory.linux.hugepages.limit"]);
        Assert.Equal(100, values["system.memory.linux.hugepages.reserved"]);
        Assert.Equal(7, values["system.memory.linux.hugepages.surplus"]);
        Assert.Equal(1024, values["system.memory.linux.hugepages.usage{system.memory.linux.hugepages.state=free}"]);
        Assert.Equal(3072, values["system.memory.linux.hugepages.usage{system.memory.linux.hugepages.state=used}"]);
        Assert.Equal(0.25, values["system.memory.linux.hugepages.utilization{system.memory.linux.hugepages.state=free}"]);
        Assert.Equal(0.75, values["system.memory.linux.hugepages.utilization{system.memory.linux.hugepages.state=used}"]);
        Assert.Equal(600_000_000 * Kib, values["system.memory.usage{state=cached}"]);
        Assert.Equal(356_789_012 * Kib, values["system.memory.usage{state=used}"]);
    }

    [Fact]
    public void What_a_container_does_not_say_is_left_out()
    {
        Dictionary<string, double> values = Reading.Of(new MemoryCollector(HostFixture.Paths("container")));

        Assert.Equal(6 * 2 + 4, values.Count);
        Assert.Equal(512 * Kib * Kib, values["system.memory.usage{state=used}"]);
        Assert.Equal(0.25, values["system.memory.utilization{state=used}"]);
        Assert.False(values.ContainsKey("system.linux.memory.dirty"));
    }

    [Fact]
    public void Without_the_kernels_estimate_what_is_free_or_cached_is_available()
    {
        using var host = new HostTree("container");
        host.Write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nBuffers: 50 kB\nCached: 150 kB\nSReclaimable: 100 kB\n");
        Dictionary<string, double> values = Reading.Of(new MemoryCollector(host.Paths));

        Assert.Equal(550 * Kib, values["system.linux.memory.available"]);
        Assert.Equal(450 * Kib, values["system.memory.usage{state=used}"]);
    }

    [Fact]
    public void Memory_in_use_is_never_negative()
    {
        using var host = new HostTree("container");
        host.Write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 1200 kB\n");

        Assert.Equal(0, Reading.Of(new MemoryCollector(host.Paths))["system.memory.usage{state=used}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MemTotal:       24683668 kB\n")]
    [InlineData("MemTotal:       24683668 kB\nMemFree:        242")]
    [InlineData("MemTotal:       0 kB\nMemFree:        0 kB\n")]
    public void A_file_that_was_cut_off_is_refused_by_name(string content)
    {
        using var host = new HostTree("container");
        host.Write("proc/meminfo", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Of(new MemoryCollector(host.Paths)));

        Assert.StartsWith($"{host.Paths.Procfs}/meminfo ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_error()
    {
        using var host = new HostTree("container");
        host.Remove("proc/meminfo");

        Assert.Throws<IOException>(() => Reading.Of(new MemoryCollector(host.Paths)));
    }
}
