using System.CommandLine;
using System.CommandLine.Parsing;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Commands;

/// <summary>What every verb has in common: flags for the settings it uses, settings loaded and checked, logging, and errors as sentences.</summary>
public static partial class VerbFrame
{
    /// <summary>The option that names the settings file.</summary>
    public const string ConfigOption = "--config";

    /// <summary>Gives the command the flags of the sections it uses, and what it does.</summary>
    /// <param name="command">The command, with its own options.</param>
    /// <param name="uses">The sections whose flags it takes; those of <c>[log]</c> every verb takes.</param>
    /// <param name="requires">The sections without which it cannot do anything; they are checked before it runs.</param>
    /// <param name="run">What it does; the token is cancelled when the process is to stop.</param>
    /// <param name="hidesFlags">Whether help leaves the flags of the settings out.</param>
    /// <param name="findsUp">Whether a running <c>hostwire up</c> counts where nothing else says where Kafka or PostgreSQL are.</param>
    public static Command Attach(
        Command command,
        SettingSections uses,
        SettingSections requires,
        Func<VerbContext, CancellationToken, Task<ExitCode>> run,
        bool hidesFlags = false,
        bool findsUp = true)
    {
        command.Add(new Option<string>(ConfigOption)
        {
            Description = $"The settings file. Without this: the one HOSTWIRE_CONFIG names, else {SettingsSources.UsualFile} where there is one.",
            HelpName = "FILE",
        });
        foreach (Setting setting in Settings.All.Where(setting => (uses | SettingSections.Log).HasFlag(setting.Section)))
        {
            command.Add(new SettingOption(setting, hidesFlags && setting.Section != SettingSections.Log));
        }

        foreach (SettingTable table in SettingTable.All.Where(table => uses.HasFlag(table.Section)))
        {
            command.Add(new Option<string[]>(table.Flag)
            {
                Description = table.Description,
                HelpName = "NAME=VALUE",
                Hidden = hidesFlags,
                AllowMultipleArgumentsPerToken = false,
            });
        }

        command.SetAction(async (arguments, stopping) => (int)await RunAsync(arguments, findsUp, requires, run, stopping));
        return command;
    }

    /// <summary>The settings of a command line.</summary>
    /// <exception cref="UserException">Something is wrong with them.</exception>
    private static LoadedSettings Load(ParseResult arguments, bool findsUp)
    {
        HostwireInvocation process = Process(arguments);
        return SettingsLoader.Load(new SettingsSources
        {
            ConfigFile = arguments.GetValue<string>(ConfigOption),
            DefaultFile = process.DefaultConfigFile,
            RunningFile = findsUp ? process.RunningFile : null,
            Environment = process.Environment,
            Flags =
            [
                .. arguments.CommandResult.Children.OfType<OptionResult>()
                    .Where(result => result is { Option: SettingOption, Implicit: false })
                    .Select(result => (((SettingOption)result.Option).Setting, result.Tokens is [Token token, ..] ? token.Value : "true")),
            ],
            TableFlags =
            [
                .. from option in arguments.CommandResult.Command.Options.OfType<Option<string[]>>()
                   from table in SettingTable.All.Where(table => table.Flag == option.Name)
                   from pair in arguments.GetValue(option) ?? []
                   select (table, pair),
            ],
        });
    }

    private static async Task<ExitCode> RunAsync(
        ParseResult arguments, bool findsUp, SettingSections requires, Func<VerbContext, CancellationToken, Task<ExitCode>> run, CancellationToken stopping)
    {
        HostwireInvocation process = Process(arguments);
        LoadedSettings settings = Load(arguments, findsUp);
        using var loggers = new LogOutput(settings.Options.Log, process.Time, process.LogStream);
        ILogger log = loggers.CreateLogger("Hostwire.Configuration");
        Warn(log, settings);
        var verb = new VerbContext
        {
            Arguments = arguments,
            Settings = settings,
            ReadSettings = () =>
            {
                LoadedSettings again = Load(arguments, findsUp);
                Warn(log, again);
                return again;
            },
            Loggers = loggers,
            Time = process.Time,
        };
        verb.Require(requires);
        try
        {
            return await run(verb, stopping);
        }
        catch (Exception error) when (error is not (UserException or OperationCanceledException))
        {
            // The one line for people comes later; the stack trace belongs into the log, and there only at debug.
            LogUnexpected(log, error);
            throw;
        }
    }

    private static void Warn(ILogger log, LoadedSettings settings)
    {
        foreach (string warning in settings.Warnings)
        {
            Warn(log, warning);
        }
    }

    private static HostwireInvocation Process(ParseResult arguments) => (HostwireInvocation)arguments.InvocationConfiguration;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void Warn(ILogger log, string warning);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Unexpected error.")]
    private static partial void LogUnexpected(ILogger log, Exception error);
}
