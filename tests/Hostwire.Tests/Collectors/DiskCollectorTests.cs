using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class DiskCollectorTests
{
    private const string Vda = " 254       0 vda 10 1 2048 1500 20 2 4096 2500 3 3250 4000\n";

    private const string Vdb = " 254      16 vdb 1 0 8 1 0 0 0 0 0 1 1\n";

    [Theory]
    [InlineData(Vda)]
    [InlineData(" 254       0 vda 10 1 2048 1500 20 2 4096 2500 3 3250 4000 7 0 56 8\n")]
    [InlineData(" 254       0 vda 10 1 2048 1500 20 2 4096 2500 3 3250 4000 7 0 56 8 9 10\n")]
    public void Reads_kernels_with_14_18_and_20_columns_alike(string diskstats)
    {
        using var host = new TemporaryHost();
        host.Write("proc/diskstats", diskstats);

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["system.disk.io{device=vda,direction=read}"] = 2048 * 512,
                ["system.disk.io{device=vda,direction=write}"] = 4096 * 512,
                ["system.disk.operations{device=vda,direction=read}"] = 10,
                ["system.disk.operations{device=vda,direction=write}"] = 20,
                ["system.disk.merged{device=vda,direction=read}"] = 1,
                ["system.disk.merged{device=vda,direction=write}"] = 2,
                ["system.disk.operation_time{device=vda,direction=read}"] = 1.5,
                ["system.disk.operation_time{device=vda,direction=write}"] = 2.5,
                ["system.disk.io_time{device=vda}"] = 3.25,
                ["system.disk.weighted_io_time{device=vda}"] = 4,
                ["system.disk.pending_operations{device=vda}"] = 3,
            },
            Reading.Of(new DiskCollector(host.Paths)));
    }

    [Fact]
    public void A_large_host_has_all_its_disks_partitions_and_volumes_and_a_container_those_that_did_something()
    {
        Dictionary<string, double> large = Reading.Of(new DiskCollector(HostFixture.Paths("big-128")));
        Assert.Equal(37 * 11, large.Count);
        Assert.Equal(240_000_000L * 4 * 512, large["system.disk.io{device=nvme3n1,direction=write}"]);
        Assert.Equal(0.4, large["system.disk.operation_time{device=sdj,direction=read}"]);
        Assert.Equal(4500, large["system.disk.io_time{device=dm-1}"]);

        Dictionary<string, double> container = Reading.Of(new DiskCollector(HostFixture.Paths("container")));
        Assert.Equal(3 * 11, container.Count);
        Assert.Equal(2_567_890L * 512, container["system.disk.io{device=mmcblk0,direction=read}"]);
        Assert.DoesNotContain(container.Keys, series => series.Contains("ram0", StringComparison.Ordinal));
    }

    [Fact]
    public void The_points_of_a_disk_vanish_with_it_and_come_back_with_it()
    {
        using var host = new TemporaryHost();
        var collector = new DiskCollector(host.Paths);

        host.Write("proc/diskstats", Vda + Vdb);
        Assert.Equal(22, Reading.Of(collector).Count);
        host.Write("proc/diskstats", Vda);
        Assert.Equal(11, Reading.Of(collector).Count);
        host.Write("proc/diskstats", Vdb + Vda);
        Assert.Equal(22, Reading.Of(collector).Count);
        host.Write("proc/diskstats", "");
        Assert.Empty(Reading.Of(collector));
    }

    [Fact]
    public void A_disk_keeps_its_series_from_reading_to_reading()
    {
        using var host = new TemporaryHost();
        host.Write("proc/diskstats", Vda);
        var collector = new DiskCollector(host.Paths);

        Assert.Same(Reading.Points(collector).Points[0].Series, Reading.Points(collector).Points[0].Series);
    }

    [Fact]
    public void Counters_that_start_over_are_passed_on_as_they_are_and_those_beyond_what_can_be_sent_are_left_out()
    {
        using var host = new TemporaryHost();
        var collector = new DiskCollector(host.Paths);

        // Milliseconds are 32 bits wide on many kernels: after 4,294,967,295 comes 0.
        host.Write("proc/diskstats", "8 0 sda 1 0 18014398509481983 4294967295 1 0 18014398509481984 0 18446744073709551615 1 1\n");
        Dictionary<string, double> before = Reading.Of(collector);
        Assert.Equal(4294967.295, before["system.disk.operation_time{device=sda,direction=read}"]);
        Assert.Equal((double)(18014398509481983 * 512), before["system.disk.io{device=sda,direction=read}"]);
        Assert.DoesNotContain("system.disk.io{device=sda,direction=write}", before);
        Assert.DoesNotContain("system.disk.pending_operations{device=sda}", before);

        host.Write("proc/diskstats", "8 0 sda 1 0 8 5 1 0 8 0 0 1 1\n");
        Assert.Equal(0.005, Reading.Of(collector)["system.disk.operation_time{device=sda,direction=read}"]);
    }

    [Theory]
    [InlineData("8 0 sda 1 2 3 4 5 6 7 8 9 10\n")]
    [InlineData("8 0 sda 1 2 3 4 5 6 7 8 9 10 x\n")]
    [InlineData("8 0 sda 1 2 3 4 5 6 7 8 9 10 -1\n")]
    [InlineData("8 0 sda 1 2 3 4 5 6 7 8 9 10 11")]
    [InlineData(Vda + "\n")]
    [InlineData(Vda + " 254      16 vdb 1 0")]
    public void A_file_that_was_cut_off_or_is_something_else_is_an_error_that_names_it(string diskstats)
    {
        using var host = new TemporaryHost();
        host.Write("proc/diskstats", diskstats);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(new DiskCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/diskstats ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_disks_has_no_file_and_no_points()
    {
        using var host = new TemporaryHost();
        Assert.Empty(Reading.Of(new DiskCollector(host.Paths)));
    }

    [Fact]
    public void A_line_that_stands_twice_counts_once()
    {
        using var host = new TemporaryHost();
        host.Write("proc/diskstats", Vda + Vda);
        Assert.Equal(11, Reading.Of(new DiskCollector(host.Paths)).Count);
    }

    [Fact]
    public void Allocates_nothing_once_every_disk_has_been_seen() =>
        Reading.AssertAllocatesNothing(new DiskCollector(HostFixture.Paths("big-128")));
}
