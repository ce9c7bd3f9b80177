using System.CommandLine;
using System.Globalization;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Simulation;
using Hostwire.Simulation.Hosts;
using Hostwire.Simulation.Ledger;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire simulate</c>: sends what a fleet of hosts would send, and keeps a ledger of it; or compares a ledger with the database.</summary>
public static class SimulateCommand
{
    private const int HostsMax = 99_999;
    private const int IntervalMaxSeconds = 3600;
    private const long ScrapesMax = 1_000_000;
    private const int ProcessesMax = 1000;
    private const int VethsMax = 1000;
    private const int PrefixMax = 100;
    private static readonly FleetRequest Usual = new() { Start = DateTimeOffset.UnixEpoch };

    private static readonly Option<int> Hosts = Number("--hosts", "How many hosts.", Usual.Hosts);
    private static readonly Option<string?> Shapes = Text("--shapes", "NAME=WEIGHT,...", $"What the hosts are like, by weight: {string.Join("; ", HostShapes.All.Select(shape => $"{shape.Name}, {shape.Description}"))}. [{ShapeMix.Usual}]");
    private static readonly Option<int> Interval = Number("--interval", "Seconds between two scrapes of a host; every third brings processes, connections and file systems too.", (int)Usual.Interval.TotalSeconds);
    private static readonly Option<string?> Duration = Text("--duration", "TIME", "How much time the data of each host covers, e.g. 10m or 1d. [until stopped]");
    private static readonly Option<long> Scrapes = new("--scrapes") { Description = "How many scrapes of each host, instead of --duration.", HelpName = "N" };
    private static readonly Option<bool> Fast = new("--fast") { Description = "Send as fast as Kafka takes it, back-dated so that the data ends now. Needs --duration or --scrapes." };
    private static readonly Option<string?> Start = Text("--start", "TIME", "With --fast: where the data begins, e.g. 2026-11-24T00:00:00Z. [so that it ends now]");
    private static readonly Option<ulong> Seed = new("--seed") { Description = $"What all values come from: the same seed, options and start make the same records. [{Usual.Seed}]", HelpName = "N", DefaultValueFactory = _ => Usual.Seed };
    private static readonly Option<string?> Prefix = Text("--prefix", "TEXT", $"What the hosts' names begin with. [{Usual.Prefix}]");
    private static readonly Option<string?> RebootEvery = Text("--reboot-every", "TIME", "Mean time between two reboots of a host, or forever: none reboots. [10d]");
    private static readonly Option<int> Processes = Number("--processes", "Processes that each host reports one by one; at every scrape some are new.", Usual.Processes);
    private static readonly Option<int> Veths = Number("--veths", "Interfaces of containers that each container host has; each lives ten minutes on average.", Usual.Veths);
    private static readonly Option<string?> Ledger = Text("--ledger", "FILE", "Write what was sent and acknowledged to this file. [no ledger]");
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Make and encode everything, send nothing; needs no Kafka." };
    private static readonly Option<string?> Verify = Text("--verify", "FILE", "Instead: compare a ledger with the database, names and values; exits with 1 if they differ.");
    private static readonly Option<string?> Wait = Text("--wait", "TIME", "With --verify: how long to wait, at most, until a sink has stored all records. [not at all]");
    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as JSON." };

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var command = new Command("simulate", "Sends what a fleet of hosts would send: plausible values, as real records, at their time or as fast as Kafka takes them.")
        {
            Hosts, Shapes, Interval, Duration, Scrapes, Fast, Start, Seed, Prefix, RebootEvery, Processes, Veths, Ledger, DryRun, Verify, Wait, Json,
        };
        return VerbFrame.Attach(
            command,
            uses: SettingSections.Kafka | SettingSections.Postgres,
            requires: SettingSections.None,
            (verb, stopping) => verb.Arguments.GetValue(Verify) is { Length: > 0 } ledger ? VerifyAsync(verb, ledger, stopping) : SendAsync(verb, stopping));
    }

    private static async Task<ExitCode> SendAsync(VerbContext verb, CancellationToken stopping)
    {
        RunLength length = LengthOf(verb.Arguments);
        FleetRequest request = RequestOf(verb, length);
        bool isDry = verb.Arguments.GetValue(DryRun);
        if (!isDry)
        {
            verb.Require(SettingSections.Kafka);
        }

        using LedgerWriter? ledger = verb.Arguments.GetValue(Ledger) is { Length: > 0 } path ? new LedgerWriter(FilePath.Expand(path)) : null;
        var service = new SimulationService(request, length, isDry ? null : verb.Options.Kafka, ledger, verb.Error.WriteLine, verb.Loggers, verb.Time);
        SimulationReport report = await service.RunAsync(stopping);
        if (verb.Arguments.GetValue(Json))
        {
            report.WriteJson(verb.Output);
        }
        else
        {
            report.Write(verb.Output);
        }

        return report.IsComplete ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<ExitCode> VerifyAsync(VerbContext verb, string path, CancellationToken stopping)
    {
        verb.Require(SettingSections.Postgres);
        TimeSpan wait = verb.Arguments.GetValue(Wait) is { Length: > 0 } text ? TimeText.Parse("--wait", text) : TimeSpan.Zero;
        LedgerFile ledger = LedgerFile.Read(FilePath.Expand(path));
        await using NpgsqlDataSource database = PostgresDataSource.Create(verb.Options.Postgres);
        try
        {
            VerifyReport report = await new LedgerVerifier(ledger, database, verb.Time).RunAsync(wait == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : wait, stopping);
            if (verb.Arguments.GetValue(Json))
            {
                report.WriteJson(verb.Output);
            }
            else
            {
                report.Write(verb.Output);
            }

            return report.IsEqual ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception error) when (PostgresTrouble.IsRetryable(error))
        {
            throw new UserException((await PostgresTrouble.FindAsync(error, verb.Options.Postgres, stopping)).Sentence, error);
        }
    }

    private static RunLength LengthOf(ParseResult arguments)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Between(arguments, Interval, 1, IntervalMaxSeconds));
        bool isFast = arguments.GetValue(Fast);
        bool hasScrapes = arguments.GetResult(Scrapes) is { Implicit: false };
        TimeSpan duration = arguments.GetValue(Duration) is { Length: > 0 } text ? TimeText.Parse("--duration", text) : Timeout.InfiniteTimeSpan;
        if (hasScrapes && duration != Timeout.InfiniteTimeSpan)
        {
            throw new UserException("Give --duration or --scrapes, not both.", ExitCode.Usage);
        }

        if (hasScrapes && arguments.GetValue(Scrapes) is < 1 or > ScrapesMax)
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"--scrapes must be from 1 to {ScrapesMax}."), ExitCode.Usage);
        }

        long scrapes = hasScrapes ? arguments.GetValue(Scrapes) : duration == Timeout.InfiniteTimeSpan ? long.MaxValue : Math.Max(1, duration.Ticks / interval.Ticks);
        return isFast && scrapes == long.MaxValue
            ? throw new UserException("--fast needs to know how much to send: give --duration or --scrapes.", ExitCode.Usage)
            : new RunLength { Scrapes = scrapes, IsFast = isFast };
    }

    private static FleetRequest RequestOf(VerbContext verb, RunLength length)
    {
        ParseResult arguments = verb.Arguments;
        string prefix = arguments.GetValue(Prefix) ?? Usual.Prefix;
        if (prefix.Length is 0 or > PrefixMax || prefix.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '.' or '_')))
        {
            throw new UserException($"--prefix must be 1 to {PrefixMax} letters, digits, dots, dashes and underscores.", ExitCode.Usage);
        }

        TimeSpan interval = TimeSpan.FromSeconds(arguments.GetValue(Interval));
        return new FleetRequest
        {
            Seed = arguments.GetValue(Seed),
            Hosts = Between(arguments, Hosts, 1, HostsMax),
            Prefix = prefix,
            Mix = arguments.GetValue(Shapes) is { Length: > 0 } mix ? ShapeMix.Parse("--shapes", mix) : Usual.Mix,
            Interval = interval,
            Start = StartOf(arguments, length, interval, verb.Time.GetUtcNow()),
            RebootEvery = arguments.GetValue(RebootEvery) is { Length: > 0 } text ? TimeText.Parse("--reboot-every", text) : Usual.RebootEvery,
            Processes = Between(arguments, Processes, 0, ProcessesMax),
            Veths = Between(arguments, Veths, 0, VethsMax),
        };
    }

    private static DateTimeOffset StartOf(ParseResult arguments, RunLength length, TimeSpan interval, DateTimeOffset now)
    {
        DateTimeOffset start = length.IsFast ? now - (length.Scrapes * interval) : now;
        if (arguments.GetValue(Start) is { Length: > 0 } text)
        {
            if (!length.IsFast)
            {
                throw new UserException("--start goes with --fast: without it the data begins now.", ExitCode.Usage);
            }

            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out start) || start < DateTimeOffset.UnixEpoch.AddYears(10))
            {
                throw new UserException($"--start {text} is no time after 1980: write it like 2026-11-24T00:00:00Z.", ExitCode.Usage);
            }
        }

        // Whole seconds, so that a run can be repeated by hand.
        return start.AddTicks(-(start.Ticks % TimeSpan.TicksPerSecond));
    }

    private static int Between(ParseResult arguments, Option<int> option, int least, int most)
    {
        int value = arguments.GetValue(option);
        return value >= least && value <= most
            ? value
            : throw new UserException(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be from {least} to {most}."), ExitCode.Usage);
    }

    private static Option<int> Number(string name, string description, int usual) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} [{usual}]"),
        HelpName = "N",
        DefaultValueFactory = _ => usual,
    };

    private static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };
}
