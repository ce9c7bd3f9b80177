using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Metrics;

namespace Hostwire.Agent;

/// <summary>Who is sampled, and by what.</summary>
/// <param name="Options">The settings it was made by.</param>
/// <param name="Host">The host.</param>
/// <param name="Groups">The collectors, by their intervals.</param>
internal sealed record SamplingPlan(HostwireOptions Options, HostIdentity Host, CollectorGroup[] Groups)
{
    /// <summary>Collectors and commands with their intervals, for people.</summary>
    public string Describe() => string.Join(
        "; ",
        Groups.Select(group => $"{string.Join(", ", group.Slots.Select(slot => slot.Name))} every {group.Ticks.Interval.TotalSeconds:0} s")
            .Concat(Options.Exec.Select(command => string.Create(CultureInfo.InvariantCulture, $"command {command.Name} every {command.IntervalSeconds} s"))));
}
