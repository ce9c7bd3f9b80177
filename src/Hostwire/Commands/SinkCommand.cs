using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Monitoring;
using Hostwire.Sink;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink</c>: consumes the topic, stores it in PostgreSQL.</summary>
public static class SinkCommand
{
    private const SettingSections Sections = SettingSections.Kafka | SettingSections.Postgres | SettingSections.Sink | SettingSections.Metrics;

    /// <summary>Makes the verb.</summary>
    public static Command Create() => VerbFrame.Attach(
        new Command(
            "sink",
            "Reads the topic and stores it in PostgreSQL, each sample once. Start as many as there is work for: the sinks of one group share the partitions.")
        {
            SinkDeadLettersCommand.Create(),
            SinkReplayCommand.Create(),
            SinkOffsetsCommand.Create(),
        },
        uses: Sections,
        requires: Sections,
        RunAsync);

    private static Task<ExitCode> RunAsync(VerbContext verb, CancellationToken stopping)
    {
        var sink = new SinkService(verb.Options, verb.Loggers, verb.Time);
        return new WatchedRun(sink, verb.Options, () => verb.ReadAgain(Sections), Sections | SettingSections.Log, verb.Environment, verb.Loggers, verb.Time).RunAsync(stopping);
    }
}
