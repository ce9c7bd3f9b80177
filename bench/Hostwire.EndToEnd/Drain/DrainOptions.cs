namespace Hostwire.EndToEnd.Drain;

/// <summary>What is drained.</summary>
/// <param name="Points">Points, at least; whole records.</param>
/// <param name="Hosts">Hosts that send them.</param>
/// <param name="Partitions">Partitions of the topic.</param>
/// <param name="Rounds">How often each thing is measured.</param>
/// <param name="RecordsPerBatch">Records that the producer puts together at most: 1 as agents of many hosts do, more as one producer for many hosts does.</param>
internal sealed record DrainOptions(int Points, int Hosts, int Partitions, int Rounds, int RecordsPerBatch);
