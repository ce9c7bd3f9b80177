using System.CommandLine;
using Hostwire.Agent;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Sink;
using Hostwire.Store;
using Hostwire.Up;
using Microsoft.Extensions.Logging;

namespace Hostwire.Commands;

/// <summary><c>hostwire up</c>: everything on this machine, with nothing to configure.</summary>
public static class UpCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = $"The folder in which everything is kept between runs. Without this: the one {DataFolder.Variable} names, else ~/.local/share/hostwire; for root /var/lib/hostwire.",
            HelpName = "DIR",
        };
        var kafka = new Option<string>("--kafka")
        {
            Description = "Uses this Kafka in place of the embedded broker. Without TLS only where it is on this machine, or with --kafka-security plaintext.",
            HelpName = "HOST:PORT",
        };
        var command = new Command(
            "up",
            "Runs everything on this machine, with nothing to configure: Kafka (embedded), PostgreSQL (private, from the installed programs), agent and sink. Ctrl-C ends it; the data stays. Takes the flags of agent and sink.")
        {
            data, kafka,
        };
        return VerbFrame.Attach(
            command,
            SettingSections.All,
            SettingSections.None,
            (verb, stopping) => RunAsync(verb, verb.Arguments.GetValue(data), verb.Arguments.GetValue(kafka), stopping),
            hidesFlags: true,
            findsUp: false);
    }

    private static async Task<ExitCode> RunAsync(VerbContext verb, string? data, string? kafka, CancellationToken stopping)
    {
        bool isRoot = Environment.IsPrivilegedProcess;
        DataFolder usual = DataFolder.Default(Environment.GetEnvironmentVariable, isRoot);
        DataFolder folder = string.IsNullOrEmpty(data) ? usual : new DataFolder(Path.GetFullPath(FilePath.Expand(data)));
        SettingSource? uri = verb.Settings.Values.GetValueOrDefault("postgres.uri")?.Source;
        var request = new UpRequest
        {
            Options = Options(verb, kafka, folder),
            Folder = folder,
            IsUsualFolder = folder == usual,
            PostgresUriVariable = uri is { Kind: SettingSourceKind.Environment } ? uri.Value.Name : null,
            MakesTopic = !string.IsNullOrEmpty(kafka),
            IsRoot = isRoot,
        };
        // People read stdout here, and what agent and sink log at their start says the same again.
        using LogOutput loggers = LogOutput.ToStderr(request.Options.Log, verb.Time);
        var service = new UpService(request, options => Parts(options, request.UsesEmbeddedBroker, loggers, verb.Time), verb.Output.WriteLine, loggers, verb.Time);
        return await service.RunAsync(stopping);
    }

    /// <summary>The settings, with what <c>up</c> does otherwise than the other verbs where they say nothing.</summary>
    private static HostwireOptions Options(VerbContext verb, string? kafka, DataFolder folder)
    {
        HostwireOptions options = verb.Options;
        bool IsSet(string key) => verb.Settings.Values.ContainsKey(key);
        string servers = string.IsNullOrEmpty(kafka) ? options.Kafka.BootstrapServers : kafka;
        options = options with
        {
            Agent = options.Agent with
            {
                IntervalSeconds = IsSet("agent.interval_seconds") ? options.Agent.IntervalSeconds : UpSettings.IntervalSeconds,
                SpoolFile = options.Agent.SpoolFile.Length > 0 ? options.Agent.SpoolFile : folder.Spool,
            },
            Log = IsSet("log.level") ? options.Log : options.Log with { Level = "warning" },
            Kafka = servers.Length > 0 ? UpSettings.RealKafka(options.Kafka, servers) : options.Kafka,
        };
        IEnumerable<SettingProblem> problems = (servers.Length > 0 ? KafkaSettings.Problems(options.Kafka) : [])
            .Concat(options.Postgres.Uri.Length > 0 ? PostgresDataSource.Problems(options.Postgres) : []);
        string text = string.Join('\n', problems.Select(problem => problem.ToString()).Concat(ExecOptions.Problems(options.Exec)));
        return text.Length == 0 ? options : throw new UserException(text, ExitCode.Usage);
    }

    private static UpParts Parts(HostwireOptions options, bool brokerForgets, LogOutput loggers, TimeProvider time)
    {
        var agent = new AgentService(options, loggers, time);
        var sink = new SinkService(options with { Kafka = UpSettings.SinkKafka(options.Kafka) }, loggers, time)
        {
            // It was said at the start that it keeps records in memory only; a row in hostwire.gap is enough.
            GapLevel = brokerForgets ? LogLevel.Information : LogLevel.Error,
        };
        return new UpParts(
            agent.RunAsync,
            sink.RunAsync,
            () => new UpFigures(
                agent.Counters.RecordsAcknowledged,
                sink.Counters.RecordsStored,
                sink.Counters.PointsStored,
                sink.Counters.LagRecords,
                agent.Counters.RecordsDropped,
                sink.Counters.DeadLetters,
                sink.Counters.NewestTime));
    }
}
