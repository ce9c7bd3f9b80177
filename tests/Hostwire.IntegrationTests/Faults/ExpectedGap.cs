namespace Hostwire.IntegrationTests.Faults;

/// <summary>Offsets that a fault has made unreadable.</summary>
/// <param name="TopicId">Of the topic they were in.</param>
/// <param name="Partition">The partition; null: all.</param>
/// <param name="To">The first offset that is still there; null: the topic is gone.</param>
internal sealed record ExpectedGap(string TopicId, int? Partition, long? To);
