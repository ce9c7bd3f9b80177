using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary><c>hostwire config check</c>: says everything that is wrong with the settings, without connecting to anything.</summary>
internal static class ConfigCheckCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => VerbFrame.Attach(
        new Command("check", "Checks the settings and says everything that is wrong with them. Connects to nothing; takes the flags of every verb, and exits with 2 where something is wrong."),
        SettingSections.All,
        SettingSections.None,
        Run,
        hidesFlags: true);

    private static Task<ExitCode> Run(VerbContext verb, CancellationToken cancellationToken)
    {
        string[] problems = [.. verb.Settings.ProblemsOfWhatIsSet()];
        if (problems.Length > 0)
        {
            throw new UserException(string.Join('\n', problems), ExitCode.Usage);
        }

        int count = verb.Settings.Values.Count;
        int commands = verb.Options.Exec.Count;
        string exec = commands == 0 ? "" : $", {commands} command{(commands == 1 ? "" : "s")}";
        verb.Output.WriteLine($"ok: {count} setting{(count == 1 ? "" : "s")}{exec}{(verb.Settings.File is string file ? $", file {file}" : ", no settings file")}");
        return Task.FromResult(ExitCode.Success);
    }
}
