namespace Hostwire.EndToEnd;

/// <summary>What was stored is not what was sent, or a figure could not be taken: there is no result.</summary>
internal sealed class BenchFailedException(string message) : Exception(message);
