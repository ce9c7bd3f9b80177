using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Metrics;

namespace Hostwire.Tests.Collectors;

/// <summary>Which devices are sampled, by the patterns of the settings.</summary>
public sealed class NameFilterTests
{
    private static readonly AgentOptions Defaults = new();

    [Theory]
    [InlineData("veth*", "veth0a1b", true)]
    [InlineData("veth*", "veth", true)]
    [InlineData("veth*", "xveth0", false)]
    [InlineData("eth?", "eth0", true)]
    [InlineData("eth?", "eth", false)]
    [InlineData("eth?", "eth10", false)]
    [InlineData("ETH0", "eth0", false)]
    [InlineData("*", "lo", true)]
    [InlineData("/var/lib/docker/*", "/var/lib/docker/overlay2/abc/merged", true)]
    [InlineData("/var/lib/docker/*", "/var/lib/docker", false)]
    [InlineData("/mnt/*/data", "/mnt/a/b/data", true)]
    [InlineData("a\\*", "a*", true)]
    [InlineData("a\\*", "ab", false)]
    [InlineData("a\\[0\\]", "a[0]", true)]
    [InlineData("größe*", "größe1", true)]
    [InlineData("eth0.1*", "eth0.100", true)]
    [InlineData("eth0.1*", "eth0x100", false)]
    public void Patterns_are_those_of_shells(string pattern, string name, bool matches)
    {
        Assert.Null(NamePattern.Problem(pattern));
        Assert.Equal(matches, NamePattern.Matches(pattern, name));
    }

    [Theory]
    [InlineData("", "has an empty pattern: take it away, or write * for every name.")]
    [InlineData("eth[0-9]", "has the pattern \"eth[0-9]\": only * and ? stand for others. Write a pattern for each alternative, or a backslash before [ where the name has one.")]
    [InlineData("{sda,sdb}", "has the pattern \"{sda,sdb}\": only * and ? stand for others. Write a pattern for each alternative, or a backslash before { where the name has one.")]
    [InlineData("eth\\", "has the pattern \"eth\\\", which ends in a backslash: put the character behind it that is meant, or \\\\ for a backslash itself.")]
    [InlineData("eth\n", "has a pattern with a control character in it.")]
    public void A_pattern_that_means_something_else_than_it_looks_is_refused(string pattern, string expected) => Assert.Equal(expected, NamePattern.Problem(pattern));

    [Fact]
    public void A_name_is_taken_where_it_is_included_and_not_excluded()
    {
        var filter = new NameFilter(["eth*", "bond0"], ["eth1*"]);
        AssertNames(["eth0", "bond0"], new[] { "eth0", "eth1", "eth10", "bond0", "bond1", "lo" }.Where(filter.Takes));
        Assert.True(NameFilter.All.Takes("anything"));
    }

    [Fact]
    public void By_default_the_hosts_ends_of_containers_interfaces_are_left_out() =>
        AssertNames(
            ["lo", "eth0", "eth1", "bond0", "bond0.100", "docker0"],
            Devices(new NetworkCollector(HostFixture.Paths("big-128"), new NameFilter(Defaults.IncludeInterfaces, Defaults.ExcludeInterfaces))));

    [Fact]
    public void Interfaces_can_be_named() =>
        AssertNames(["bond0", "bond0.100"], Devices(new NetworkCollector(HostFixture.Paths("big-128"), new NameFilter(["bond*"], []))));

    [Fact]
    public void By_default_loop_devices_are_left_out_however_much_was_read_from_them()
    {
        using var host = new TemporaryHost();
        host.Write("proc/diskstats", "7 0 loop0 1 0 8 0 0 0 0 0 0 0 0\n254 0 vda 1 0 8 0 0 0 0 0 0 0 0\n252 0 zram0 1 0 8 0 0 0 0 0 0 0 0\n");
        AssertNames(["vda"], Devices(new DiskCollector(host.Paths, new NameFilter(Defaults.IncludeDisks, Defaults.ExcludeDisks))));
    }

    [Fact]
    public void Disks_can_be_named_and_partitions_left_out() =>
        AssertNames(
            ["nvme0n1", "nvme1n1", "nvme2n1", "nvme3n1"],
            Devices(new DiskCollector(HostFixture.Paths("big-128"), new NameFilter(["nvme*"], ["nvme*p?"]))));

    [Fact]
    public void By_default_mounts_are_those_of_devices_but_not_images_and_not_what_container_engines_mount() =>
        AssertNames(
            ["/", "/boot/efi", "/home", "/mnt/Größe und\tMaß", "/mnt/twice", "/tank/data set", "/var/log"],
            MountPoints(new CollectorSetup(HostFixture.Paths("big-128"))
            {
                Mounts = new NameFilter(Defaults.IncludeMounts, Defaults.ExcludeMounts),
                Filesystems = new NameFilter(Defaults.IncludeFilesystems, Defaults.ExcludeFilesystems),
            }));

    [Fact]
    public void Types_that_need_no_device_are_sampled_once_they_are_named_and_the_root_always() =>
        AssertNames(
            ["/", "/mnt/hidden", "/net/share", "/var/lib/docker/overlay2/abc/merged"],
            MountPoints(new CollectorSetup(HostFixture.Paths("big-128")) { Filesystems = new NameFilter(["tmpfs", "nfs*", "overlay"], []) }));

    [Fact]
    public void Mount_points_can_be_named_and_left_out_the_root_as_well()
    {
        HostPaths paths = HostFixture.Paths("big-128");
        AssertNames(["/mnt/Größe und\tMaß", "/mnt/twice"], MountPoints(new CollectorSetup(paths) { Mounts = new NameFilter(["/mnt/*"], []) }));
        Assert.DoesNotContain("/", MountPoints(new CollectorSetup(paths) { Mounts = new NameFilter([], ["/"]) }), StringComparer.Ordinal);
    }

    [Fact]
    public void The_root_of_a_container_is_sampled_by_default_although_it_is_an_overlay() =>
        AssertNames(["/"], MountPoints(new CollectorSetup(HostFixture.Paths("container"))
        {
            Mounts = new NameFilter(Defaults.IncludeMounts, Defaults.ExcludeMounts),
            Filesystems = new NameFilter(Defaults.IncludeFilesystems, Defaults.ExcludeFilesystems),
        }));

    [Fact]
    public void Filters_allocate_nothing_once_every_device_has_been_seen()
    {
        Reading.AssertAllocatesNothing(new NetworkCollector(HostFixture.Paths("big-128"), new NameFilter([], Defaults.ExcludeInterfaces)));
        Reading.AssertAllocatesNothing(new DiskCollector(HostFixture.Paths("big-128"), new NameFilter(["nvme*"], ["nvme*p?"])));
    }

    private static void AssertNames(string[] expected, IEnumerable<string> actual) => Assert.Equal(expected, actual, StringComparer.Ordinal);

    private static IEnumerable<string> Devices(ICollector collector) => AttributeOf(collector, "device");

    private static IEnumerable<string> MountPoints(CollectorSetup setup) =>
        AttributeOf(
            new FilesystemCollector(setup, (_, out usage) =>
            {
                usage = new FilesystemUsage { BlockBytes = 1, Blocks = 10, FreeBlocks = 5, AvailableBlocks = 5, Inodes = 0, FreeInodes = 0 };
                return 0;
            }),
            "mountpoint").Order(StringComparer.Ordinal);

    private static IEnumerable<string> AttributeOf(ICollector collector, string key) =>
        Reading.Points(collector).Points.ToArray().Select(point => Value(point.Series, key)).OfType<string>().Distinct(StringComparer.Ordinal);

    private static string? Value(Series series, string key) =>
        Array.IndexOf(series.Metric.AttributeKeys, key) is >= 0 and int at ? series.AttributeValues[at] : null;
}
