using Confluent.Kafka;

namespace Hostwire.Agent;

/// <summary>One producer, for as long as it lives.</summary>
internal interface IRecordSender : IDisposable
{
    /// <summary>Hands a record over to be sent. What became of it is said by a call of <see cref="SenderEvents.Sent"/>, once for each record. Never throws.</summary>
    void Send(QueuedRecord record);
}
