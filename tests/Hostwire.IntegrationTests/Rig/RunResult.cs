namespace Hostwire.IntegrationTests.Rig;

/// <summary>How a run of the program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + the signal's number where one killed it.</param>
/// <param name="StandardOutput">Data.</param>
/// <param name="StandardError">Words for people.</param>
public sealed record RunResult(int ExitCode, string StandardOutput, string StandardError);
