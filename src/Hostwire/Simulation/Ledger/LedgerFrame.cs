namespace Hostwire.Simulation.Ledger;

/// <summary>What a host has under one time.</summary>
/// <param name="TimeMicros">The time, in microseconds since 1970.</param>
/// <param name="Points">How many points.</param>
/// <param name="Digest">Over their names and values.</param>
internal readonly record struct LedgerFrame(long TimeMicros, int Points, FrameDigest Digest);
