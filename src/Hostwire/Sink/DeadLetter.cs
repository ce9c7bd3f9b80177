namespace Hostwire.Sink;

/// <summary>A record that is set aside instead of stored.</summary>
/// <param name="RecordIndex">Its index in the batch.</param>
/// <param name="Reason">One sentence for people.</param>
internal readonly record struct DeadLetter(int RecordIndex, string Reason);
