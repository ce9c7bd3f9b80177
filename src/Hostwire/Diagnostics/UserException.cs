namespace Hostwire.Diagnostics;

/// <summary>Something that a person has to put right: the message says what happened and where, and how to mend it. Printed without a stack trace; never holds a secret.</summary>
public sealed class UserException : Exception
{
    /// <summary>One or two sentences: what happened, where (key, file, host and port), and the fix.</summary>
    public UserException(string message, ExitCode exitCode = ExitCode.Failure)
        : base(message) => ExitCode = exitCode;

    /// <inheritdoc cref="UserException(string, ExitCode)"/>
    public UserException(string message, Exception inner, ExitCode exitCode = ExitCode.Failure)
        : base(message, inner) => ExitCode = exitCode;

    /// <summary>What the process ends with.</summary>
    public ExitCode ExitCode { get; }
}
