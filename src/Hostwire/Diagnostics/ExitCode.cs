namespace Hostwire.Diagnostics;

/// <summary>What the process ends with; documented in <c>docs/configuration.md</c>.</summary>
public enum ExitCode
{
    /// <summary>Done, or stopped as asked.</summary>
    Success = 0,

    /// <summary>A dependency refused for good, or something failed that a person has to look at.</summary>
    Failure = 1,

    /// <summary>The command line or the settings are wrong; nothing was started.</summary>
    Usage = 2,
}
