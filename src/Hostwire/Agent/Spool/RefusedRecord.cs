namespace Hostwire.Agent.Spool;

/// <summary>A record that no broker takes, set aside for people to look at.</summary>
/// <param name="At">When it was refused for good.</param>
/// <param name="Reason">What the broker said.</param>
/// <param name="Value">Its OTLP bytes.</param>
internal sealed record RefusedRecord(DateTimeOffset At, string Reason, byte[] Value);
