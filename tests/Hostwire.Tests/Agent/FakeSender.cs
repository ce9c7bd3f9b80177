using System.Threading.Channels;
using Confluent.Kafka;
using Hostwire.Agent;

namespace Hostwire.Tests.Agent;

/// <summary>Stands for a producer: the test sees what is sent and says what becomes of it.</summary>
internal sealed class FakeSender(SenderEvents events) : IRecordSender
{
    private readonly Channel<QueuedRecord> _sent = Channel.CreateUnbounded<QueuedRecord>();

    public bool IsDisposed { get; private set; }

    /// <summary>How many records were handed over and not yet looked at by the test.</summary>
    public int Unseen => _sent.Reader.Count;

    public void Send(QueuedRecord record) => _sent.Writer.TryWrite(record);

    public void Dispose() => IsDisposed = true;

    /// <summary>The next record that is handed over.</summary>
    public ValueTask<QueuedRecord> NextAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void Acknowledge(QueuedRecord record) => events.Sent(record, new Error(ErrorCode.NoError));

    public void Refuse(QueuedRecord record, ErrorCode code, bool isFatal = false) => events.Sent(record, new Error(code, $"the test says {code}", isFatal));

    public void Fail(ErrorCode code, string reason, bool isFatal = false) => events.Failed(new Error(code, reason, isFatal));
}
