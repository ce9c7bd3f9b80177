using System.Text;
using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

public sealed class FilesystemCollectorTests
{
    private const string Filesystems = "nodev\ttmpfs\nnodev\toverlay\n\text4\n\txfs\n\tbtrfs\n";

    private const string Root = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n";

    private const string Data = "28 27 254:16 / /data rw,relatime - xfs /dev/vdb rw\n";

    /// <summary>100 blocks of 4 KiB: 60 used, 30 for anybody, 10 for root; 7 of 10 inodes used.</summary>
    private static readonly FilesystemUsage SomeUsage = new()
    {
        BlockBytes = 4096,
        Blocks = 100,
        FreeBlocks = 40,
        AvailableBlocks = 30,
        Inodes = 10,
        FreeInodes = 3,
    };

    private readonly List<string> _asked = [];

    [Fact]
    public void Tells_used_free_and_reserved_apart_as_df_does()
    {
        using TemporaryHost host = Host(Root);

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["system.filesystem.usage{device=/dev/vda,mode=rw,mountpoint=/,state=used,type=ext4}"] = 60 * 4096,
                ["system.filesystem.usage{device=/dev/vda,mode=rw,mountpoint=/,state=free,type=ext4}"] = 30 * 4096,
                ["system.filesystem.usage{device=/dev/vda,mode=rw,mountpoint=/,state=reserved,type=ext4}"] = 10 * 4096,
                ["system.filesystem.inodes.usage{device=/dev/vda,mode=rw,mountpoint=/,state=used,type=ext4}"] = 7,
                ["system.filesystem.inodes.usage{device=/dev/vda,mode=rw,mountpoint=/,state=free,type=ext4}"] = 3,
                ["system.filesystem.utilization{device=/dev/vda,mode=rw,mountpoint=/,type=ext4}"] = 0.666667,
            },
            Reading.Of(Collector(host.Paths, SomeUsage)));
    }

    [Fact]
    public void Takes_what_lies_on_a_device_once_and_where_it_can_be_reached()
    {
        Dictionary<string, double> values = Reading.Of(Collector(HostFixture.Paths("big-128"), SomeUsage));

        Assert.Equal(
            [
                "device=/dev/loop0,mode=ro,mountpoint=/snap/core/17200,type=squashfs",
                "device=/dev/mapper/vg0-root,mode=rw,mountpoint=/,type=xfs",
                "device=/dev/md127,mode=rw,mountpoint=/home,type=btrfs",
                "device=/dev/md127,mode=rw,mountpoint=/var/log,type=btrfs",
                "device=/dev/nvme0n1p1,mode=rw,mountpoint=/boot/efi,type=vfat",
                "device=/dev/sda,mode=ro,mountpoint=/mnt/Größe und\tMaß,type=ext4",
                "device=/dev/sdc,mode=rw,mountpoint=/mnt/twice,type=xfs",
                "device=tank/data set,mode=rw,mountpoint=/tank/data set,type=zfs",
            ],
            Mounts(values));
        Assert.Equal(8 * 6, values.Count);
        Assert.Contains($"{HostFixture.Paths("big-128").Rootfs}/mnt/Größe und\tMaß", _asked, StringComparer.Ordinal);
    }

    [Fact]
    public void A_container_has_its_root_although_that_lies_on_no_device()
    {
        Dictionary<string, double> values = Reading.Of(Collector(HostFixture.Paths("container"), SomeUsage));
        Assert.Equal(["device=overlay,mode=rw,mountpoint=/,type=overlay"], Mounts(values));
    }

    [Fact]
    public void A_mount_has_points_as_long_as_it_is_there_and_keeps_its_series()
    {
        using TemporaryHost host = Host(Root);
        FilesystemCollector collector = Collector(host.Paths, SomeUsage);

        Series first = Reading.Points(collector).Points[0].Series;
        host.Write("proc/1/mountinfo", Root + Data);
        Assert.Equal(12, Reading.Of(collector).Count);
        Assert.Same(first, Reading.Points(collector).Points[0].Series);
        host.Write("proc/1/mountinfo", Data);
        Assert.Equal(["device=/dev/vdb,mode=rw,mountpoint=/data,type=xfs"], Mounts(Reading.Of(collector)));
    }

    [Fact]
    public void A_mount_that_turns_read_only_is_another_series()
    {
        using TemporaryHost host = Host(Root);
        FilesystemCollector collector = Collector(host.Paths, SomeUsage);

        Reading.Points(collector);
        host.Write("proc/1/mountinfo", Root.Replace("/dev/vda rw", "/dev/vda ro", StringComparison.Ordinal));
        Assert.Equal(["device=/dev/vda,mode=ro,mountpoint=/,type=ext4"], Mounts(Reading.Of(collector)));
    }

    [Fact]
    public void A_mount_that_cannot_be_asked_is_left_out_and_named_and_the_others_are_read()
    {
        const int staleHandle = 116;
        using TemporaryHost host = Host(Root + Data);
        int error = 0;
        var collector = new FilesystemCollector(new CollectorSetup(host.Paths), (path, out usage) =>
        {
            usage = SomeUsage;
            return path.EndsWith("/data\0"u8) ? error : 0;
        });

        Assert.Equal(12, Reading.Of(collector).Count);
        Assert.Null(collector.LeftOut);
        error = staleHandle;
        Assert.Equal(["device=/dev/vda,mode=rw,mountpoint=/,type=ext4"], Mounts(Reading.Of(collector)));
        Assert.Equal("the usage of these mounts cannot be read: /data (Stale file handle)", collector.LeftOut);
        error = 0;
        Assert.Equal(12, Reading.Of(collector).Count);
        Assert.Null(collector.LeftOut);

        error = staleHandle;
        Reading.Points(collector);
        host.Write("proc/1/mountinfo", Root);
        Reading.Points(collector);
        Assert.Null(collector.LeftOut);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 101, 0)]
    public void What_a_file_system_does_not_count_yields_no_points(ulong blocks, ulong freeBlocks, ulong availableBlocks)
    {
        using TemporaryHost host = Host(Root);
        FilesystemUsage usage = SomeUsage with { Blocks = blocks, FreeBlocks = freeBlocks, AvailableBlocks = availableBlocks };

        Assert.All(Reading.Of(Collector(host.Paths, usage)).Keys, series => Assert.StartsWith("system.filesystem.inodes.", series, StringComparison.Ordinal));
        Assert.Empty(Reading.Of(Collector(host.Paths, usage with { Inodes = 0, FreeInodes = 0 })));
        Assert.Equal(4, Reading.Of(Collector(host.Paths, SomeUsage with { Inodes = 0, FreeInodes = 0 })).Count);
    }

    [Fact]
    public void Asks_the_system_under_the_root_given()
    {
        // Nothing is mounted there; statvfs answers for what holds the folder, whose size does not change.
        using TemporaryHost host = Host(Root + "28 27 254:16 / /mnt/the\\040big\\134one rw - xfs /dev/vdb rw\n" + "29 27 254:32 / /gone rw - xfs /dev/vdc rw\n");
        Directory.CreateDirectory($"{host.Paths.Rootfs}/mnt/the big\\one");
        var collector = new FilesystemCollector(new CollectorSetup(host.Paths));
        Dictionary<string, double> values = Reading.Of(collector);

        double size = values.Where(value => value.Key.StartsWith("system.filesystem.usage{device=/dev/vdb,mode=rw,mountpoint=/mnt/the big\\one,", StringComparison.Ordinal)).Sum(value => value.Value);
        Assert.Equal(new DriveInfo(host.Paths.Rootfs).TotalSize, size);
        Assert.DoesNotContain(values.Keys, series => series.Contains("/gone", StringComparison.Ordinal));
        Assert.Equal("the usage of these mounts cannot be read: /gone (No such file or directory)", collector.LeftOut);
    }

    [Fact]
    public void Names_the_device_as_the_kernel_does_where_the_mount_has_another_name_for_it()
    {
        using TemporaryHost host = Host(
            "27 1 254:1 / / rw - ext4 /dev/root rw\n"
            + "28 27 253:3 / /data rw - xfs /dev/mapper/vg-data rw\n"
            + "29 27 253:4 / /other rw - xfs /dev/mapper/no-link rw\n");
        Directory.CreateDirectory($"{host.Paths.Sysfs}/dev/block");
        File.CreateSymbolicLink($"{host.Paths.Sysfs}/dev/block/254:1", "../../devices/pci0000:00/virtio1/block/vda/vda1");
        Directory.CreateDirectory($"{host.Paths.Rootfs}/dev/mapper");
        File.CreateSymbolicLink($"{host.Paths.Rootfs}/dev/mapper/vg-data", "../dm-3");

        Assert.Equal(
            [
                "device=/dev/dm-3,mode=rw,mountpoint=/data,type=xfs",
                "device=/dev/mapper/no-link,mode=rw,mountpoint=/other,type=xfs",
                "device=/dev/vda1,mode=rw,mountpoint=/,type=ext4",
            ],
            Mounts(Reading.Of(Collector(host.Paths, SomeUsage))));
    }

    [Fact]
    public void Two_mount_points_that_are_not_text_stay_two()
    {
        using TemporaryHost host = Host(Root);
        byte[] line = Encoding.ASCII.GetBytes(Data);
        int at = Data.IndexOf("/data", StringComparison.Ordinal) + 1;
        line[at] = 0xE4;
        byte[] other = [.. line];
        other[at] = 0xF6;
        File.WriteAllBytes($"{host.Paths.Procfs}/1/mountinfo", [.. line, .. other]);

        Assert.Equal(
            ["device=/dev/vdb,mode=rw,mountpoint=/\\xe4ata,type=xfs", "device=/dev/vdb,mode=rw,mountpoint=/\\xf6ata,type=xfs"],
            Mounts(Reading.Of(Collector(host.Paths, SomeUsage))));
    }

    [Fact]
    public void Reads_its_own_view_of_the_mounts_where_the_first_process_is_hidden()
    {
        using var host = new TemporaryHost();
        host.Write("proc/filesystems", Filesystems);
        host.Write("proc/self/mountinfo", Data);

        Assert.Equal(["device=/dev/vdb,mode=rw,mountpoint=/data,type=xfs"], Mounts(Reading.Of(Collector(host.Paths, SomeUsage))));
    }

    [Theory]
    [InlineData("27 1 254:0 / / rw,relatime ext4 /dev/vda rw\n")]
    [InlineData("27 1 254:0 /\n")]
    [InlineData("27 1 254:0 / - ext4 /dev/vda rw\n")]
    [InlineData(Root + "28 27 254:16 / /da")]
    public void A_file_that_was_cut_off_or_is_something_else_is_an_error_that_names_it(string mountInfo)
    {
        using TemporaryHost host = Host(mountInfo);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(Collector(host.Paths, SomeUsage)));
        Assert.StartsWith($"{host.Paths.Procfs}/1/mountinfo ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filesystems")]
    [InlineData("1/mountinfo")]
    public void A_file_that_is_missing_is_an_error_that_names_it(string missing)
    {
        using TemporaryHost host = Host(Root);
        FilesystemCollector collector = Collector(host.Paths, SomeUsage);
        File.Delete($"{host.Paths.Procfs}/{missing}");

        IOException error = Assert.Throws<IOException>(() => Reading.Points(collector));
        Assert.StartsWith($"{host.Paths.Procfs}/{missing} ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocates_nothing_as_long_as_the_mounts_are_the_same()
    {
        using TemporaryHost host = Host(Root + Data);
        Directory.CreateDirectory(host.Paths.Rootfs);
        var collector = new FilesystemCollector(new CollectorSetup(host.Paths));

        // One of the two is not there: a failure that lasts costs nothing either.
        Reading.AssertAllocatesNothing(collector);
        Assert.Equal("the usage of these mounts cannot be read: /data (No such file or directory)", collector.LeftOut);
    }

    private static TemporaryHost Host(string mountInfo)
    {
        var host = new TemporaryHost();
        host.Write("proc/filesystems", Filesystems);
        host.Write("proc/1/mountinfo", mountInfo);
        return host;
    }

    private FilesystemCollector Collector(HostPaths paths, FilesystemUsage answer) => new(new CollectorSetup(paths), (path, out usage) =>
    {
        Assert.Equal(0, path[^1]);
        _asked.Add(Encoding.UTF8.GetString(path[..^1]));
        usage = answer;
        return 0;
    });

    /// <summary>The mounts that have a utilization, sorted.</summary>
    private static string[] Mounts(Dictionary<string, double> values)
    {
        const string prefix = "system.filesystem.utilization{";
        return [.. values.Keys.Where(series => series.StartsWith(prefix, StringComparison.Ordinal)).Select(series => series[prefix.Length..^1]).Order(StringComparer.Ordinal)];
    }
}
