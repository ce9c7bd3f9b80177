using Confluent.Kafka;
using Hostwire.Kafka;

namespace Hostwire.Agent;

/// <summary>Something the publisher has to look at.</summary>
/// <param name="Sender">Which sender it comes from; what an earlier one still says is void. 0: the publisher's owner.</param>
/// <param name="Record">The record that was sent, or null.</param>
/// <param name="Error">What went wrong, or null: a record was queued, or there will be no more.</param>
/// <param name="Seen">The same error in words, once the certificate that it is about was looked at.</param>
internal readonly record struct PublisherEvent(int Sender, QueuedRecord? Record, Error? Error, KafkaTrouble? Seen = null);
