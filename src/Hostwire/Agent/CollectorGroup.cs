namespace Hostwire.Agent;

/// <summary>The collectors of one interval. They are due together and share one group of the scrape, so that the host always reports the same set of series for it.</summary>
/// <param name="Ticks">When they are due.</param>
/// <param name="Slots">The collectors, in the order in which they are called.</param>
internal sealed record CollectorGroup(TickGrid Ticks, CollectorSlot[] Slots);
