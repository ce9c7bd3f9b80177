using Confluent.Kafka;
using Hostwire.Kafka;

namespace Hostwire.Simulation;

/// <summary>Something that a producer has to say.</summary>
/// <param name="Sender">Which one; what an earlier one still says is void.</param>
/// <param name="Record">The record that was acknowledged or failed; null: it is about the connection or the producer itself.</param>
/// <param name="Error">What went wrong; without one the record was acknowledged.</param>
/// <param name="Partition">Where the record is.</param>
/// <param name="Offset">Where it is in the partition.</param>
/// <param name="Seen">The same error in words, once the certificate that it is about was looked at.</param>
internal readonly record struct FleetEvent(int Sender, SimulatedRecord? Record, Error Error, int Partition = -1, long Offset = -1, KafkaTrouble? Seen = null);
