namespace Hostwire.Store;

/// <summary>Records that were gone before we could read them.</summary>
/// <param name="ClusterId">The cluster they were in.</param>
/// <param name="TopicId">The topic they were in.</param>
/// <param name="From">The first offset missing.</param>
/// <param name="To">The offset after the last one missing; null where nobody can tell.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record OffsetGap(string ClusterId, string TopicId, long From, long? To, string Reason);
