using System.CommandLine;
using System.CommandLine.Help;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary>The command line as a whole: finds the verb, runs it, and turns whatever goes wrong into a sentence and an exit code.</summary>
public static class CommandLine
{
    /// <summary>The name of the program, whatever its file is called.</summary>
    public const string ProgramName = "hostwire";

    private static readonly ParserConfiguration Parser = new()
    {
        // A user name or topic may begin with @, and a file of arguments would be one more place to look for a setting.
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>Runs one verb and returns its exit code. Never throws.</summary>
    public static async Task<ExitCode> RunAsync(string[] arguments, Command[] verbs, HostwireInvocation process, CancellationToken stopping)
    {
        ParseResult parsed = Root(verbs).Parse(arguments, Parser);
        if (UsageError.Of(parsed) is string wrong)
        {
            Say(process, wrong);
            return ExitCode.Usage;
        }

        try
        {
            return (ExitCode)await parsed.InvokeAsync(process, stopping);
        }
        catch (UserException error)
        {
            Say(process, error.Message);
            return error.ExitCode;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Say(process, "stopped before it was done.");
            return ExitCode.Failure;
        }
#pragma warning disable CA1031 // The last resort: whatever nobody expected becomes one line, not a page.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Say(process, $"unexpected error: {ErrorText.Of(error)} Run it with --log-level debug to see where, and report it.");
            return ExitCode.Failure;
        }
    }

    internal static RootCommand Root(Command[] verbs)
    {
        var root = new RootCommand("Operating-system metrics through Kafka into PostgreSQL, every sample exactly once.");
        root.Options.Clear();
        root.Add(new HelpOption("--help", "-h") { Description = "Show this help.", Action = new HelpPage() });
        root.Add(new Option<bool>("--version") { Description = "Show version and commit.", Action = new VersionLine() });
        foreach (Command verb in verbs)
        {
            root.Add(verb);
        }

        return root;
    }

    // Several errors are several lines, each of which begins with who speaks. What a server said may be in them, also one that nobody has verified yet.
    private static void Say(HostwireInvocation process, string message)
    {
        foreach (string line in message.Split('\n'))
        {
            process.Error.WriteLine($"{ProgramName}: {PlainText.Of(line)}");
        }
    }
}
