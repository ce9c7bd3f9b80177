using Hostwire.Agent;
using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Tests.Agent;

public sealed class CollectorPlanTests
{
    private static readonly HostIdentity Host = new("web-1", "0123");

    private static readonly CollectorDefinition[] Catalogue = [Definition("cpu", 10), Definition("disk", 60), Definition("load", 10), Definition("filesystem", 60)];

    [Fact]
    public void Groups_are_by_interval_fastest_first_each_in_the_order_of_the_catalogue() =>
        Assert.Equal(["10: cpu load", "60: disk filesystem"], Describe(new AgentOptions()));

    [Fact]
    public void Collectors_own_interval_goes_before_that_of_all_and_that_before_the_default() =>
        Assert.Equal(
            ["2: load", "5: cpu disk filesystem"],
            Describe(new AgentOptions { IntervalSeconds = 5, Collectors = Settings("load", new CollectorOptions { IntervalSeconds = 2 }) }));

    [Fact]
    public void Collector_switched_off_is_left_out() =>
        Assert.Equal(["10: cpu load", "60: filesystem"], Describe(new AgentOptions { Collectors = Settings("disk", new CollectorOptions { Enabled = false }) }));

    [Fact]
    public void Collector_that_is_off_by_default_runs_once_it_is_switched_on()
    {
        CollectorDefinition[] catalogue = [Definition("load", 10), Definition("top", 60) with { IsOnByDefault = false }];
        Assert.Single(CollectorPlan.Make(catalogue, new AgentOptions(), Host, self: []));
        Assert.Equal(2, CollectorPlan.Make(catalogue, new AgentOptions { Collectors = Settings("top", new CollectorOptions()) }, Host, self: []).Length);
    }

    [Fact]
    public void Nothing_switched_on_is_an_error_that_names_the_section()
    {
        var options = new AgentOptions { Collectors = Catalogue.ToDictionary(definition => definition.Name, _ => new CollectorOptions { Enabled = false }, StringComparer.Ordinal) };
        UserException error = Assert.Throws<UserException>(() => CollectorPlan.Make(Catalogue, options, Host, self: []));
        Assert.Contains("agent.collectors", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }

    [Fact]
    public void Reload_keeps_the_ticks_and_the_collectors_that_it_does_not_touch()
    {
        var before = new AgentOptions { PhaseSeconds = 0 };
        CollectorGroup[] running = CollectorPlan.Make(Catalogue, before, Host, self: []);
        AgentOptions after = before with
        {
            Collectors = new Dictionary<string, CollectorOptions>(StringComparer.Ordinal)
            {
                ["disk"] = new() { Enabled = false },
                ["load"] = new() { IntervalSeconds = 5 },
            },
        };
        var now = new DateTimeOffset(2026, 11, 23, 12, 0, 3, TimeSpan.Zero);
        CollectorGroup[] planned = CollectorPlan.Remake(running, before, Catalogue, after, Host, self: [], mayBeEmpty: false, now);

        Assert.Equal(["5: load", "10: cpu", "60: filesystem"], planned.Select(Describe), StringComparer.Ordinal);
        Assert.Same(running[0].Ticks, planned[1].Ticks);
        Assert.Same(running[1].Ticks, planned[2].Ticks);
        Assert.Same(running[0].Slots[0], planned[1].Slots[0]);
        Assert.Same(running[0].Slots[1], planned[0].Slots[0]);

        // A grid that is new begins with its next tick, not with one of its own beside the others'.
        Assert.False(planned[0].Ticks.TryTake(now));
        Assert.True(planned[0].Ticks.TryTake(now + TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Reload_makes_all_collectors_anew_where_what_they_read_has_changed()
    {
        var before = new AgentOptions { PhaseSeconds = 0 };
        CollectorGroup[] running = CollectorPlan.Make(Catalogue, before, Host, self: []);
        CollectorGroup[] planned = CollectorPlan.Remake(running, before, Catalogue, before with { ExcludeDisks = ["sda"] }, Host, self: [], mayBeEmpty: false, DateTimeOffset.UnixEpoch);
        Assert.Same(running[0].Ticks, planned[0].Ticks);
        Assert.NotSame(running[0].Slots[0], planned[0].Slots[0]);
    }

    [Fact]
    public void Phase_of_a_host_is_stable_and_differs_between_hosts_and_clones()
    {
        Assert.Equal(HostPhase.Of(Host), HostPhase.Of(new HostIdentity("web-1", "0123")));
        Assert.NotEqual(HostPhase.Of(Host), HostPhase.Of(new HostIdentity("web-2", "0123")));
        Assert.NotEqual(HostPhase.Of(Host), HostPhase.Of(new HostIdentity("web-1", "0124")));
    }

    [Fact]
    public void Phases_spread_a_fleet_over_the_interval()
    {
        int[] perSecond = new int[10];
        for (int i = 0; i < 1000; i++)
        {
            perSecond[(int)(HostPhase.Of(new HostIdentity($"host-{i}", null)).TotalSeconds % 10)]++;
        }

        Assert.All(perSecond, hosts => Assert.InRange(hosts, 60, 140));
    }

    [Fact]
    public void Phase_of_zero_reads_on_the_full_interval()
    {
        CollectorGroup group = CollectorPlan.Make(Catalogue, new AgentOptions { PhaseSeconds = 0 }, Host, self: [])[0];
        DateTimeOffset now = new(2026, 11, 23, 12, 0, 4, TimeSpan.Zero);
        group.Ticks.TryTake(now);
        Assert.Equal(TimeSpan.FromSeconds(6), group.Ticks.UntilNext(now));
    }

    private static string[] Describe(AgentOptions options) =>
        [.. CollectorPlan.Make(Catalogue, options, Host, self: []).Select(Describe)];

    private static string Describe(CollectorGroup group) => $"{group.Ticks.Interval.TotalSeconds}: {string.Join(' ', group.Slots.Select(slot => slot.Name))}";

    private static Dictionary<string, CollectorOptions> Settings(string name, CollectorOptions options) => new(StringComparer.Ordinal) { [name] = options };

    private static CollectorDefinition Definition(string name, int interval) => new(name, name, interval, [], _ => new FakeCollector(_ => { }));
}
