using System.Globalization;

namespace Hostwire.Simulation.Hosts;

/// <summary>Every shape there is. <c>--shapes</c>, its help and <c>docs/simulate.md</c> name these.</summary>
internal static class HostShapes
{
    private const long Mebi = 1024;
    private const long Gibi = 1024 * Mebi;
    private const long BlocksPerGib = 262_144;

    /// <summary>The shapes, the most frequent first.</summary>
    public static HostShape[] All { get; } = [SmallVm(), Database(), Containers(), Server()];

    private static HostShape SmallVm() => new()
    {
        Name = "vm",
        Description = "a small virtual machine: 2 CPUs, 4 GiB, one disk, one interface",
        Weight = 12,
        Cpus = 2,
        ThreadsPerCore = 1,
        BaseKilohertz = 2_499_998,
        TurboKilohertz = 2_499_998,
        IsVirtual = true,
        MemoryKib = (4 * Gibi) - (88 * Mebi),
        Disks = [new("vda", ["vda1", "vda15"], 60, 1.1)],
        Interfaces = [new("lo", 2e3), new("eth0", 4e5)],
        Mounts = [new("/dev/vda1", "/", "ext4", 20 * BlocksPerGib, 0.05, 1_310_720, 0.4), new("/dev/vda15", "/boot/efi", "vfat", 31_744, 0, 0, 0.1)],
        Processes = 110,
        Connections = 40,
    };

    private static HostShape Database() => new()
    {
        Name = "db",
        Description = "a database server: 16 CPUs, 64 GiB, two disks, swap, huge pages",
        Weight = 4,
        Cpus = 16,
        ThreadsPerCore = 2,
        BaseKilohertz = 1_200_000,
        TurboKilohertz = 3_700_000,
        IsVirtual = false,
        MemoryKib = (64 * Gibi) - (1100 * Mebi),
        SwapKib = 8 * Gibi,
        SwapDevice = "/dev/nvme0n1p3",
        HugePages = 8192,
        Disks = [new("nvme0n1", ["nvme0n1p1", "nvme0n1p2", "nvme0n1p3"], 150, 0.4), new("nvme1n1", ["nvme1n1p1"], 6000, 0.25)],
        Interfaces = [new("lo", 2e5), new("eno1", 3e7), new("eno2", 2e6)],
        Mounts =
        [
            new("/dev/nvme0n1p2", "/", "ext4", 200 * BlocksPerGib, 0.05, 13_107_200, 0.25), new("/dev/nvme0n1p1", "/boot", "ext4", 260_000, 0.05, 65_536, 0.3),
            new("/dev/nvme1n1p1", "/var/lib/postgresql", "xfs", 1800 * BlocksPerGib, 0, 943_718_400, 0.62),
        ],
        Processes = 420,
        Connections = 300,
    };

    private static HostShape Containers() => new()
    {
        Name = "container",
        Description = "a container host: 8 CPUs, 32 GiB, bridges, connection tracking; with --veths an interface for each container",
        Weight = 3,
        Cpus = 8,
        ThreadsPerCore = 1,
        BaseKilohertz = 2_999_998,
        TurboKilohertz = 2_999_998,
        IsVirtual = true,
        MemoryKib = (32 * Gibi) - (600 * Mebi),
        Disks = [new("sda", ["sda1", "sda14", "sda15"], 200, 0.9), new("sdb", [], 800, 0.8)],
        Interfaces = [new("lo", 3e5), new("eth0", 2e7), new("docker0", 4e6), new("br-5c1a0ddc9a2e", 9e6)],
        Mounts = [new("/dev/sda1", "/", "ext4", 60 * BlocksPerGib, 0.05, 3_932_160, 0.5), new("/dev/sdb", "/var/lib/docker", "ext4", 500 * BlocksPerGib, 0.05, 32_768_000, 0.55)],
        ConntrackMax = 262_144,
        HasContainers = true,
        Processes = 600,
        Connections = 250,
    };

    private static HostShape Server() => new()
    {
        Name = "server",
        Description = "a big server: 64 CPUs, 512 GiB, eight disks, six interfaces",
        Weight = 1,
        Cpus = 64,
        ThreadsPerCore = 2,
        BaseKilohertz = 1_500_000,
        TurboKilohertz = 3_350_000,
        IsVirtual = false,
        MemoryKib = (512 * Gibi) - (6 * Gibi),
        SwapKib = 16 * Gibi,
        SwapDevice = "/dev/dm-1",
        HugePages = 4096,
        Disks =
        [
            new("sda", ["sda1", "sda2", "sda3"], 40, 2.5),
            .. Enumerable.Range(0, 7).Select(number => new DiskShape(string.Create(CultureInfo.InvariantCulture, $"nvme{number}n1"), [], 2500, 0.2)),
        ],
        Interfaces = [new("lo", 1e6), new("bond0", 2e8), new("ens1f0", 1e8), new("ens1f1", 1e8), new("eno1", 1e5), new("eno2", 0)],
        Mounts =
        [
            new("/dev/dm-0", "/", "xfs", 400 * BlocksPerGib, 0, 209_715_200, 0.2), new("/dev/sda2", "/boot", "ext4", 260_000, 0.05, 65_536, 0.35),
            .. Enumerable.Range(0, 7).Select(number => new MountShape(
                string.Create(CultureInfo.InvariantCulture, $"/dev/nvme{number}n1"), string.Create(CultureInfo.InvariantCulture, $"/data/{number}"), "xfs", 3500 * BlocksPerGib, 0, 1_875_374_080, 0.7)),
        ],
        ConntrackMax = 1_048_576,
        Processes = 1400,
        Connections = 900,
    };
}
