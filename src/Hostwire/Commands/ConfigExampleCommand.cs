using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary><c>hostwire config example</c>: prints the annotated settings file.</summary>
internal static class ConfigExampleCommand
{
    /// <summary>Makes the verb. It reads no settings, so it also works where they are wrong.</summary>
    public static Command Create()
    {
        var command = new Command("example", "Prints an annotated settings file with every key and its default, to start from.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ExampleFile.Text());
            return (int)ExitCode.Success;
        });
        return command;
    }
}
