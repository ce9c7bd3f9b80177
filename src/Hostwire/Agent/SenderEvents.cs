using Confluent.Kafka;

namespace Hostwire.Agent;

/// <summary>Where a sender says what happened; called by any thread, so neither must throw.</summary>
/// <param name="Sent">The record was acknowledged (no error), or failed.</param>
/// <param name="Failed">Something is wrong with the connection, or, where the error is fatal, with the producer itself.</param>
internal sealed record SenderEvents(Action<QueuedRecord, Error> Sent, Action<Error> Failed);
