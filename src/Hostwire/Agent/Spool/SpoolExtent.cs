namespace Hostwire.Agent.Spool;

/// <summary>What a spool's file holds.</summary>
/// <param name="Count">How many records.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="From">The first id.</param>
/// <param name="Before">The id after the last.</param>
internal readonly record struct SpoolExtent(long Count, long Bytes, long From, long Before);
