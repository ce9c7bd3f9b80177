namespace Hostwire.Agent.Spool;

/// <summary>The file is sound but not ours to use: only a person can say what is meant.</summary>
internal sealed class NotASpoolException(string message) : Exception(message);
