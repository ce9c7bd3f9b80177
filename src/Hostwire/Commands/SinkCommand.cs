using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Sink;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink</c>: consumes the topic, stores it in PostgreSQL.</summary>
public static class SinkCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create() => VerbFrame.Attach(
        new Command(
            "sink",
            "Reads the topic and stores it in PostgreSQL, each sample once. Start as many as there is work for: the sinks of one group share the partitions."),
        uses: SettingSections.Kafka | SettingSections.Postgres | SettingSections.Sink,
        requires: SettingSections.Kafka | SettingSections.Postgres | SettingSections.Sink,
        (verb, stopping) => new SinkService(verb.Options, verb.Loggers, verb.Time).RunAsync(stopping));
}
