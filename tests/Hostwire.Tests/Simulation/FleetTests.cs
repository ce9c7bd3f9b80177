using Hostwire.Agent;
using Hostwire.Collectors;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Tests.Simulation;

public sealed class FleetTests
{
    private static readonly FleetRequest Rebooting = SimulatedFleet.Request with { RebootEvery = TimeSpan.FromMinutes(10) };

    // No host has started for the second time before this.
    private static readonly ulong FirstBootMax = (ulong)(SimulatedFleet.Start - DateTimeOffset.UnixEpoch).TotalSeconds * 1_000_000_000;

    [Fact]
    public void The_same_request_makes_the_same_bytes_and_another_seed_makes_others()
    {
        FleetRequest request = Rebooting with { Processes = 5, Veths = 5 };
        byte[] first = Bytes(request);

        Assert.Equal(first, Bytes(request));
        Assert.NotEqual(first, Bytes(request with { Seed = 2 }));
    }

    [Fact]
    public void A_fleet_of_more_hosts_has_the_same_first_hosts()
    {
        FleetRequest request = SimulatedFleet.Request with { Hosts = 3, Mix = ShapeMix.Parse("--shapes", "vm") };
        Dictionary<string, ScrapePoint[]> few = SimulatedFleet.Run(request, 1).ToDictionary(scrape => scrape.Tick.Host.Identity.Name, scrape => scrape.Points, StringComparer.Ordinal);
        Dictionary<string, ScrapePoint[]> many = SimulatedFleet.Run(request with { Hosts = 30 }, 1).ToDictionary(scrape => scrape.Tick.Host.Identity.Name, scrape => scrape.Points, StringComparer.Ordinal);

        Assert.Equal(30, many.Count);
        Assert.All(few, host => Assert.Equal(host.Value.Select(point => point.Double), many[host.Key].Select(point => point.Double)));
    }

    [Fact]
    public void Hosts_are_due_on_the_agents_grid_at_their_own_phase_in_order_of_time_and_every_third_time_for_everything()
    {
        long before = 0;
        var slow = new Dictionary<string, List<bool>>(StringComparer.Ordinal);
        foreach ((FleetTick tick, _, _, _) in SimulatedFleet.Run(SimulatedFleet.Request, 6))
        {
            Assert.True(tick.Time >= before && tick.Time >= (SimulatedFleet.Start - DateTimeOffset.UnixEpoch).Ticks);
            before = tick.Time;
            var grid = new TickGrid(TimeSpan.FromSeconds(10), HostPhase.Of(tick.Host.Identity));
            grid.TryTake(DateTimeOffset.UnixEpoch.AddTicks(tick.Time - 1));
            Assert.Equal(TimeSpan.FromTicks(1), grid.UntilNext(DateTimeOffset.UnixEpoch.AddTicks(tick.Time - 1)));
            slow.TryAdd(tick.Host.Identity.Name, []);
            slow[tick.Host.Identity.Name].Add(tick.SlowIsDue);
        }

        Assert.Equal(8, slow.Count);
        Assert.All(slow.Values, due =>
        {
            Assert.Equal(2, due.Count(isDue => isDue));
            Assert.Equal(due[..3], due[3..]);
        });
    }

    [Fact]
    public void Counters_only_grow_until_the_host_starts_again_and_then_count_from_there()
    {
        var before = new Dictionary<(string, Series), (double Value, ulong Boot)>();
        var boots = new Dictionary<string, ulong>(StringComparer.Ordinal);
        int reboots = 0;
        foreach ((FleetTick tick, bool isUp, ScrapePoint[] points, _) in SimulatedFleet.Run(Rebooting, 300).Where(scrape => scrape.IsUp))
        {
            string host = tick.Host.Identity.Name;
            bool hasRebooted = boots.TryGetValue(host, out ulong boot) && boot != tick.Host.Source.StartTime;
            boots[host] = tick.Host.Source.StartTime;
            reboots += hasRebooted ? 1 : 0;
            if (hasRebooted)
            {
                Assert.InRange(points.Value("system.uptime"), 1, 60);
                Assert.Empty(points.Of("system.cpu.utilization"));
                Assert.Equal(points.Value("system.uptime"), points.Of("system.cpu.time").Where(point => point.Series.AttributeValues[0] is "cpu0").Sum(point => point.Double), tolerance: 1.1);
            }

            foreach (ScrapePoint point in points.Where(point => point.Series.Metric.Kind == MetricKind.Counter))
            {
                (double value, ulong since) = before.GetValueOrDefault((host, point.Series));
                if (since == tick.Host.Source.StartTime)
                {
                    Assert.True(point.Double >= value, $"{point.Series} of {host} fell from {value} to {point.Double}.");
                }
                else if (since > 0 && since < FirstBootMax)
                {
                    // It had been up for an hour at least; after a second reboot soon afterwards a counter may have come further than before.
                    Assert.True(point.Double <= value, $"{point.Series} of {host} did not start again: {value}, then {point.Double}.");
                }

                before[(host, point.Series)] = (point.Double, tick.Host.Source.StartTime);
            }
        }

        Assert.InRange(reboots, 10, 60);
    }

    [Fact]
    public void A_host_that_reboots_is_silent_for_a_while()
    {
        (FleetTick Tick, bool IsUp, ScrapePoint[] Points, FrameGroup[] Groups)[] scrapes = [.. SimulatedFleet.Run(Rebooting with { Hosts = 1 }, 300)];
        int down = Array.FindIndex(scrapes, scrape => !scrape.IsUp);

        Assert.True(down > 0);
        int up = Array.FindIndex(scrapes, down, scrape => scrape.IsUp);
        Assert.InRange(up - down, 4, 21);
        Assert.Empty(scrapes[down].Points);
        Assert.Equal(FrameKind.FastFirst, scrapes[up].Groups[0].Kind);
        Assert.DoesNotContain(SimulatedFleet.Run(SimulatedFleet.Request with { RebootEvery = Timeout.InfiniteTimeSpan }, 300), scrape => !scrape.IsUp);
    }

    [Fact]
    public void Values_are_integers_where_the_kernel_has_integers_and_metrics_are_the_catalogues()
    {
        HashSet<Metric> catalogue = new(CollectorCatalogue.All.SelectMany(definition => definition.Metrics), ReferenceEqualityComparer.Instance as IEqualityComparer<Metric>);
        foreach ((_, _, ScrapePoint[] points, _) in SimulatedFleet.Run(SimulatedFleet.Request, 4))
        {
            Assert.All(points, point =>
            {
                Assert.Contains(point.Series.Metric, catalogue);
                Assert.Equal(point.Series.Metric.IsInteger, point.IsInteger);
                Assert.True(double.IsFinite(point.Double) && point.Double >= 0, $"{point.Series} is {point.Double}.");
            });
        }
    }

    [Fact]
    public void Hosts_of_one_shape_send_the_same_series_at_every_scrape_each_once()
    {
        var sets = new Dictionary<(string, FrameKind), Series[]>();
        foreach ((FleetTick tick, _, ScrapePoint[] points, FrameGroup[] groups) in SimulatedFleet.Run(Rebooting with { Hosts = 20 }, 100))
        {
            foreach (FrameGroup group in groups)
            {
                Series[] series = [.. points.AsSpan(group.Start, group.Count).ToArray().Select(point => point.Series)];
                Assert.Equal(series.Length, series.Distinct().Count());
                if (!sets.TryAdd((tick.Host.Kit.Shape.Name, group.Kind), series))
                {
                    Assert.Equal(sets[(tick.Host.Kit.Shape.Name, group.Kind)], series);
                }
            }
        }

        Assert.Equal(HostShapes.All.Length, sets.Keys.Select(key => key.Item1).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_parts_of_a_host_fit_together()
    {
        foreach ((FleetTick tick, _, ScrapePoint[] points, FrameGroup[] groups) in SimulatedFleet.Run(SimulatedFleet.Request, 200))
        {
            HostShape shape = tick.Host.Kit.Shape;
            Assert.Equal(shape.Cpus, points.Of("system.cpu.utilization").Sum(point => point.Double), tolerance: 1e-6);
            double idle = points.Of("system.cpu.utilization").Where(point => point.Series.AttributeValues[1] is "idle").Sum(point => point.Double);
            Assert.InRange(points.Value("system.cpu.load_average.1m"), 0, (2 * shape.Cpus) + 1);
            Assert.InRange(idle, 0, shape.Cpus);
            double total = points.Value("system.memory.limit");
            Assert.Equal(total, points.Value("system.memory.usage", "used") + points.Value("system.linux.memory.available"));
            Assert.InRange(points.Value("system.memory.usage", "free"), 1, points.Value("system.linux.memory.available"));
            Assert.All(points.Of("system.memory.usage"), point => Assert.Equal(0, point.Integer % 4096));
            AssertFilesystems(shape, points);
            AssertDisks(shape, points);
            Assert.All(groups.Skip(1), group => Assert.True(points[group.Start].TimeUnixNano > points[group.Start - 1].TimeUnixNano));
            Assert.InRange(points[0].TimeUnixNano - (tick.Time * 100), 0, 3_000_000);
        }
    }

    [Fact]
    public void Busy_hosts_have_a_high_load_and_idle_ones_a_low_one()
    {
        (double Busy, double Load)[] hosts =
        [
            .. SimulatedFleet.Run(SimulatedFleet.Request with { Hosts = 60 }, 90)
                .GroupBy(scrape => scrape.Tick.Host)
                .Select(host => (
                    host.Average(scrape => 1 - (scrape.Points.Of("system.cpu.utilization").Where(point => point.Series.AttributeValues[1] is "idle").Sum(point => point.Double) / host.Key.Kit.Shape.Cpus)),
                    host.Last().Points.Value("system.cpu.load_average.5m") / host.Key.Kit.Shape.Cpus))
                .OrderBy(host => host.Item1),
        ];

        Assert.True(hosts[^1].Busy > 2 * hosts[0].Busy);
        Assert.True(hosts[40..].Average(host => host.Load) > 1.5 * hosts[..20].Average(host => host.Load));
    }

    [Fact]
    public void Processes_change_at_every_scrape()
    {
        string[][] pids =
        [
            .. SimulatedFleet.Run(SimulatedFleet.Request with { Hosts = 1, Processes = 20 }, 20)
                .Select(scrape => scrape.Points.Of("process.memory.usage").Select(point => point.Series.AttributeValues[1]).ToArray()),
        ];

        Assert.All(pids, scrape => Assert.Equal(20, scrape.Distinct(StringComparer.Ordinal).Count()));
        Assert.All(pids.Zip(pids.Skip(1)), pair => Assert.InRange(pair.Second.Except(pair.First, StringComparer.Ordinal).Count(), 1, 12));
    }

    [Fact]
    public void Interfaces_of_containers_come_and_go_on_container_hosts_alone()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((FleetTick tick, _, ScrapePoint[] points, _) in SimulatedFleet.Run(SimulatedFleet.Request with { Veths = 10 }, 120))
        {
            string[] veths = [.. points.Of("system.network.io").Select(point => point.Series.AttributeValues[0]).Where(name => name.StartsWith("veth", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
            Assert.Equal(tick.Host.Kit.Shape.HasContainers ? 10 : 0, veths.Length);
            names.UnionWith(veths);
        }

        // Each of ten lives for ten minutes on average, and twenty went by.
        Assert.InRange(names.Count, 15, 60);
    }

    [Fact]
    public void Names_and_ids_are_each_hosts_own_and_depend_on_the_seed()
    {
        HostIdentity[] hosts = [.. new Fleet(SimulatedFleet.Request with { Hosts = 500 }).Hosts.Select(host => host.Identity)];

        Assert.Equal(500, hosts.Select(host => host.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(500, hosts.Select(host => host.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.NotEqual(SimulatedHost.IdOf(1, "a"), SimulatedHost.IdOf(2, "a"), StringComparer.Ordinal);
    }

    [Fact]
    public void The_sinks_decoder_takes_every_point()
    {
        var encoder = new OtlpEncoder("1.2.3");
        var decoded = new DecodedRecord();
        foreach ((FleetTick tick, _, ScrapePoint[] points, _) in SimulatedFleet.Run(SimulatedFleet.Request with { Processes = 3, Veths = 3 }, 3))
        {
            ReadOnlyMemory<byte> record = encoder.Encode(tick.Host.Source, points);
            Assert.True(OtlpDecoder.TryDecode(record.Span, decoded).IsOk);
            Assert.Equal((points.Length, 0), (decoded.Points.Length, decoded.Distributions.Length));
        }
    }

    private static byte[] Bytes(FleetRequest request)
    {
        var encoder = new OtlpEncoder("1.2.3");
        return [.. SimulatedFleet.Run(request, 70).SelectMany(scrape => encoder.Encode(scrape.Tick.Host.Source, scrape.Points).ToArray())];
    }

    private static void AssertFilesystems(HostShape shape, ScrapePoint[] points)
    {
        foreach (IGrouping<string, ScrapePoint> mount in points.Of("system.filesystem.usage").GroupBy(point => point.Series.AttributeValues[2], StringComparer.Ordinal))
        {
            Assert.Equal(shape.Mounts.Single(candidate => candidate.MountPoint.Equals(mount.Key, StringComparison.Ordinal)).Blocks * 4096, mount.Sum(point => point.Integer));
        }
    }

    private static void AssertDisks(HostShape shape, ScrapePoint[] points)
    {
        foreach (DiskShape disk in shape.Disks.Where(disk => disk.Partitions.Length > 0))
        {
            Assert.Equal(points.Value("system.disk.io", disk.Name, "write"), disk.Partitions.Sum(partition => points.Value("system.disk.io", partition, "write")));
        }
    }
}
