using System.CommandLine;
using System.CommandLine.Invocation;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>What <c>--version</c> prints.</summary>
internal sealed class VersionLine : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"{CommandLine.ProgramName} {ProductVersion.Text}");
        return (int)ExitCode.Success;
    }
}
