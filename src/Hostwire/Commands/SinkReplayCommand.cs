using System.CommandLine;
using System.Globalization;
using Hostwire.Diagnostics;
using Hostwire.Sink;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink replay</c>: tries dead letters again.</summary>
internal static class SinkReplayCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var only = new Option<long[]>("--id")
        {
            Description = "Tries this one only, by its number in sink dead-letters; may be given several times. Without it: all.",
            HelpName = "N",
        };
        return DbCommand.Attach(
            new Command(
                "replay",
                "Tries the records again that could not be stored, after an update or a change of rules, say. Those that can be stored now are, once; the others stay, with the reason of today. Safe beside running sinks.")
            {
                only,
            },
            (verb, database, cancellationToken) => RunAsync(verb, database, verb.Arguments.GetValue(only) ?? [], cancellationToken));
    }

    private static async Task RunAsync(VerbContext verb, NpgsqlDataSource database, long[] only, CancellationToken cancellationToken)
    {
        await Migrator.RequireCurrentAsync(database, cancellationToken);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        FrameRules rules = await StoredSettings.RulesAsync(connection, cancellationToken);
        using var replay = new DeadLetterReplay(connection, rules, verb.Time);
        ReplayReport report = await replay.RunAsync(only, cancellationToken);
        verb.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Stored} of {report.Found} dead letters are stored now: {report.Frames} frames added, {report.FramesKnown} were there already, {report.Quarantined} lie outside of what is kept (hostwire.quarantine)."));
        if (report.Gone > 0)
        {
            verb.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Gone} were taken by somebody else meanwhile: another replay, or retention."));
        }

        if (report.WithoutPayload > 0)
        {
            verb.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.WithoutPayload} have no payload (dead_letter_max_bytes) and cannot be tried."));
        }

        if (report.Refused > 0)
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"{report.Refused} cannot be stored yet: `hostwire sink dead-letters` shows why."));
        }
    }
}
