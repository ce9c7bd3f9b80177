namespace Hostwire.Sink;

/// <summary>The database is not as this sink left it: what is buffered must go, and every partition be claimed anew.</summary>
internal sealed class FencedException(string message) : Exception(message);
