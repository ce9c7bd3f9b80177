using System.CommandLine;
using System.Globalization;
using Hostwire.Agent;
using Hostwire.Agent.Spool;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Metrics;
using Hostwire.Monitoring;
using Hostwire.Otlp;

namespace Hostwire.Commands;

/// <summary><c>hostwire agent</c>: samples this host and sends to Kafka, for ever or once; or shows a scrape.</summary>
public static class AgentCommand
{
    private const string Table = "table";
    private const string Json = "json";
    private const string OtlpJson = "otlp-json";
    private const double WaitSecondsUsual = 1;
    private const SettingSections Sections = SettingSections.Agent | SettingSections.Kafka | SettingSections.Metrics;

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Take one scrape, send it, wait until Kafka has it, and end." };
        var print = new Option<string?>("--print")
        {
            Description = $"With --once: print the scrape instead of sending it; needs no Kafka. {Table}, {Json}, or {OtlpJson}: the record itself. [{Table}]",
            HelpName = "FORMAT",
            Arity = ArgumentArity.ZeroOrOne,
        };
        print.AcceptOnlyFromAmong(Table, Json, OtlpJson);
        var wait = new Option<double>("--wait")
        {
            Description = "With --once: read twice, this many seconds apart, because rates such as system.cpu.utilization need two readings. 0: read once, without rates. ["
                + WaitSecondsUsual.ToString(CultureInfo.InvariantCulture) + "]",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => WaitSecondsUsual,
        };
        var command = new Command("agent", "Samples this host and sends each scrape to Kafka, until it is told to stop.") { once, print, wait };
        return VerbFrame.Attach(
            command,
            Sections,
            SettingSections.Agent | SettingSections.Metrics,
            (verb, stopping) => RunAsync(
                verb,
                verb.Arguments.GetValue(once),
                verb.Arguments.GetResult(print) is null ? null : verb.Arguments.GetValue(print) ?? Table,
                verb.Arguments.GetValue(wait),
                stopping));
    }

    private static async Task<ExitCode> RunAsync(VerbContext verb, bool once, string? print, double waitSeconds, CancellationToken stopping)
    {
        if (print is not null && !once)
        {
            throw new UserException("--print shows one scrape: give --once too.", ExitCode.Usage);
        }

        if (!double.IsFinite(waitSeconds) || waitSeconds is < 0 or > 3600)
        {
            throw new UserException("--wait must be from 0 to 3600 seconds.", ExitCode.Usage);
        }

        HostwireOptions options = WithSpoolFile(verb.Options, verb);
        var agent = new AgentService(options, verb.Loggers, verb.Time);
        TimeSpan wait = TimeSpan.FromSeconds(waitSeconds);
        if (print is not null)
        {
            return await PrintAsync(verb, agent, print, wait, stopping);
        }

        verb.Require(SettingSections.Kafka);
        if (once)
        {
            return await agent.SendOnceAsync(wait, stopping);
        }

        HostwireOptions ReadAgain() => WithSpoolFile(verb.ReadAgain(Sections), verb);
        return await new WatchedRun(agent, options, ReadAgain, Sections | SettingSections.Log, verb.Environment, verb.Loggers, verb.Time).RunAsync(stopping);
    }

    private static HostwireOptions WithSpoolFile(HostwireOptions options, VerbContext verb) => options.Agent.SpoolFile.Length > 0
        ? options
        : options with { Agent = options.Agent with { SpoolFile = SpoolLocation.Default(verb.Environment, Environment.IsPrivilegedProcess) } };

    private static async Task<ExitCode> PrintAsync(VerbContext verb, AgentService agent, string format, TimeSpan wait, CancellationToken stopping)
    {
        HostIdentity host = HostIdentityReader.Read(verb.Options.Agent);
        Scrape scrape = await agent.TakeOneAsync(host, wait, stopping);
        switch (format)
        {
            case Json:
                ScrapeJson.Write(verb.Output, host, scrape.Points);
                break;
            case OtlpJson:
                // From the very bytes that would be sent, so what is shown is what a reader of the topic gets.
                OtlpJsonWriter.Write(agent.NewEncoder(host).Encode(scrape.Points).Span, verb.Output);
                break;
            default:
                ScrapeTable.Write(verb.Output, host, scrape.Points);
                break;
        }

        return ExitCode.Success;
    }
}
