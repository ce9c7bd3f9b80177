using Confluent.Kafka;
using Hostwire.Simulation;

namespace Hostwire.Tests.Simulation;

/// <summary>Stands for a producer: the test says what becomes of each record.</summary>
internal sealed class FakeFleetSender(Action<SimulatedRecord?, Error, int, long> happened) : IFleetSender
{
    public List<SimulatedRecord> Sent { get; } = [];

    public bool IsDisposed { get; private set; }

    public void Send(SimulatedRecord record) => Sent.Add(record);

    public void Dispose() => IsDisposed = true;

    public void Acknowledge(SimulatedRecord record, long offset) => happened(record, new Error(ErrorCode.NoError), 0, offset);

    public void Refuse(SimulatedRecord record, ErrorCode code, bool isFatal = false) => happened(record, new Error(code, $"the test says {code}", isFatal), -1, -1);

    public void Fail(ErrorCode code, bool isFatal = false) => happened(null, new Error(code, $"the test says {code}", isFatal), -1, -1);
}
