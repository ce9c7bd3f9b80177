namespace Hostwire.Exec;

/// <summary>How one run of a command ended.</summary>
/// <param name="Output">What it printed; of a run that failed, nothing.</param>
/// <param name="Failure">Why its output does not count, in words that go on after the command's name: <c>exited with 3</c>; null where it does.</param>
/// <param name="IsTimeout">Whether it ran for too long.</param>
internal readonly record struct ExecResult(ReadOnlyMemory<byte> Output, string? Failure, bool IsTimeout = false);
