using System.Globalization;
using System.Text.RegularExpressions;
using Hostwire.Collectors;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Agents;

/// <summary>An agent of a round: the native binary with a spool, one process after the other, and commands that write down what it was given.</summary>
/// <remarks>All its collectors are off: every record that it makes is a reading of which the runner knows each value.</remarks>
internal sealed partial class LedgerAgent
{
    private const string HostId = "00000000-0000-4000-8000-000000000000";

    // How long a disk that others use too may hold up a write: what was killed with it in that time tells nothing.
    private const long Stall = 4_000_000;

    private readonly FaultStand _stand;
    private readonly AgentPlan _plan;
    private readonly string _topic;
    private readonly int _number;
    private readonly List<WatchedProcess> _processes = [];
    private readonly List<long> _starts = [];
    private readonly Dictionary<int, long> _killed = [];
    private int _port;

    /// <summary>Nothing is started yet.</summary>
    public LedgerAgent(FaultStand stand, AgentPlan plan, string topic, int number)
    {
        (_stand, _plan, _topic, _number) = (stand, plan, topic, number);
        Host = string.Create(CultureInfo.InvariantCulture, $"agent-{(plan.AreTwins ? 0 : number)}");
        Folder = stand.Files[string.Create(CultureInfo.InvariantCulture, $"{topic}-agent-{number}")];
        Directory.CreateDirectory(Path.Combine(Folder, "disk"));
        Directory.CreateDirectory(Durable);
        File.WriteAllBytes(Clock, new byte[sizeof(long)]);
        Commands = [.. Enumerable.Range(0, plan.Commands).Select(i => new CommandLedger(Folder, string.Create(CultureInfo.InvariantCulture, $"c{i}")))];
    }

    /// <summary>Its <c>host.name</c>.</summary>
    public string Host { get; }

    /// <summary>Everything of it lies here.</summary>
    public string Folder { get; }

    /// <summary>The folder of the spool, a mount point where the plan asks for a disk.</summary>
    public string Disk => Path.Combine(Folder, "disk");

    /// <summary>The spool's file.</summary>
    public string Spool => Path.Combine(Disk, "spool.db");

    /// <summary>With the library durable.c: what of the spool a power cut leaves.</summary>
    public string Durable => Path.Combine(Folder, "durable");

    /// <summary>With the library clock.c: by how much its clock is off.</summary>
    public string Clock => Path.Combine(Folder, "clock");

    /// <summary>Its commands.</summary>
    public CommandLedger[] Commands { get; }

    /// <summary>Its processes, the one that runs last.</summary>
    public IReadOnlyList<WatchedProcess> Processes => _processes;

    /// <summary>The one that runs.</summary>
    public WatchedProcess Process => _processes[^1];

    /// <summary>Records that it says it has dropped, in all its processes that ended in order.</summary>
    public long RecordsDropped { get; private set; }

    /// <summary>How many points a dropped record has; 0: all of a reading.</summary>
    public int PointsOfADrop { get; set; }

    /// <summary>Whether there must be one hole, of the oldest that waited.</summary>
    public bool DropsTheOldest { get; set; }

    /// <summary>Whether it has said that it counts the most that can be lost.</summary>
    public bool CountsAtMost { get; set; }

    /// <summary>Stretches of time, in microseconds, of which readings may be lost, as docs/spool.md says.</summary>
    public List<(long From, long To)> MayBeLost { get; } = [];

    /// <summary>From when on its clock was off by how much, in microseconds.</summary>
    public List<(long Since, long By)> ClockSteps { get; } = [(0, 0)];

    /// <summary>Now, in microseconds since 1970.</summary>
    public static long Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Starts a process.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string config = Path.Combine(Folder, "hostwire.toml");
        _port = FreePort.Next();
        await File.WriteAllTextAsync(config, Settings(), cancellationToken);
        string name = string.Create(CultureInfo.InvariantCulture, $"agent-{_number}.{_processes.Count}");
        _starts.Add(Now);
        _processes.Add(new WatchedProcess(name, _number, await LaunchAsync(config)));
        // It answers once it is through with its spool's past.
        await WaitAsync(async () => await MetricAsync("hostwire_agent_queue_limit_bytes") is not null, "its metrics", cancellationToken);
    }

    /// <summary>Kills it, without a word.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _killed.Add(_processes.Count - 1, Now);
        await Process.KillAsync(cancellationToken);
        // Its commands outlive it, and may not even have begun: what they print belongs to nobody, and must not seem to belong to the next process.
        await WaitAsync(() => Task.FromResult(!HasCommands()), "its commands to end", cancellationToken);
    }

    /// <summary>Ends it in order, and takes its word for what it has dropped.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Process.StopAsync(cancellationToken);
        Match dropped = StoppedLine().Match(Process.Output);
        RecordsDropped += dropped.Success
            ? long.Parse(dropped.Groups["dropped"].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{Process.Name} ended without saying what it has dropped.");
    }

    /// <summary>From now on its commands print nothing; returns once the last readings are over.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        long since = Now;
        await File.WriteAllTextAsync(Path.Combine(Folder, "paused"), "", cancellationToken);
        await WaitAsync(() => Task.FromResult(Commands.All(command => command.PausedAt >= since)), "its commands to pause", cancellationToken);
    }

    /// <summary>Its commands print again.</summary>
    public void Resume() => File.Delete(Path.Combine(Folder, "paused"));

    /// <summary>Waits until Kafka has acknowledged all that waits.</summary>
    public Task EmptyAsync(CancellationToken cancellationToken) =>
        WaitAsync(async () => await MetricAsync("hostwire_agent_queue_records") is 0, "its queue to be empty", cancellationToken);

    /// <summary>Waits until it has logged this, in the process that runs.</summary>
    public Task LoggedAsync(string words, CancellationToken cancellationToken) =>
        WaitAsync(() => Task.FromResult(Process.Output.Contains(words, StringComparison.Ordinal)), $"it to log \"{words}\"", cancellationToken);

    /// <summary>Sets its clock off.</summary>
    public async Task StepClockAsync(TimeSpan by)
    {
        long micros = (long)by.TotalMicroseconds;
        ClockSteps.Add((Now, micros));
        await using FileStream file = File.OpenWrite(Clock);
        await file.WriteAsync(BitConverter.GetBytes(micros));
    }

    /// <summary>Every reading of its commands.</summary>
    public LedgerReading[] Readings() => [.. Commands.SelectMany(command => command.Readings())];

    /// <summary>What may have become of a reading that is not in the database.</summary>
    public LedgerExcuse Excuse(LedgerReading reading)
    {
        int process = _starts.FindLastIndex(start => start <= reading.Id);
        bool isLast = process + 1 >= _starts.Count ? reading.NextId == long.MaxValue : reading.NextId >= _starts[process + 1];
        if (new CommandFailures(_processes[process].Output, reading.Command, isClockSet: ClockSteps.Count > 1).Cover(reading))
        {
            return LedgerExcuse.NotTaken;
        }

        return (isLast && _killed.ContainsKey(process)) || MayBeLost.Exists(window => reading.Id >= window.From && reading.Id < window.To) ? LedgerExcuse.Window
            : _killed.TryGetValue(process, out long killedAt) && reading.Id > killedAt - Stall ? LedgerExcuse.Doubt
            : LedgerExcuse.None;
    }

    /// <summary>One of its figures, summed up over its labels; null where it does not answer.</summary>
    public async Task<double?> MetricAsync(string name)
    {
        string[]? lines = await ScrapeAsync();
        return lines is null ? null : lines.Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether any process has our folder on its command line.</summary>
    private bool HasCommands()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")).Contains(Folder, StringComparison.Ordinal))
                {
                    return true;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended a moment ago.
            }
        }

        return false;
    }

    private async Task<string[]?> ScrapeAsync()
    {
        using var client = new HttpClient();
        try
        {
            string text = await client.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/metrics")));
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private Task WaitAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken) => Patience.UntilAsync(
        async () =>
        {
            Process.CheckAlive();
            return Process.Complaint is { } complaint ? throw new InvalidOperationException(complaint) : await condition();
        },
        $"{Process.Name}: {what}",
        cancellationToken);

    private async Task<ChildProcess> LaunchAsync(string config)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["RIG_DURABLE"] = Durable, ["RIG_CLOCK"] = Clock };
        if (_plan.Preload.Length > 0)
        {
            environment["LD_PRELOAD"] = await _stand.LibraryAsync(_plan.Preload);
        }

        return _plan.Disk.Length == 0
            ? await _stand.Hostwire.StartAsync(["agent", "--config", config], environment)
            : await SmallDisk.StartAsync(Disk, _plan.Disk, await _stand.Hostwire.PathAsync(), ["agent", "--config", config]);
    }

    private string Settings()
    {
        string kafka = _plan.LogIn
            ? $"""
                bootstrap_servers = "{_stand.Kafka.SaslBootstrapServers}"
                ca_file = "{_stand.Kafka.TlsDirectory}/ca.pem"
                username = "{KafkaBroker.User}"
                password = "{_stand.Kafka.Password}"
                """
            : $"""
                bootstrap_servers = "127.0.0.1:{_stand.AgentToKafka.Port}"
                security = "plaintext"
                """;
        string id = _plan is { AreTwins: true, HaveOneId: false } ? HostId[..^1] + _number : HostId;
        string script = Repository.PathOf("tests/Hostwire.IntegrationTests/Faults/Agents/ledger.sh");
        return $"""
            [kafka]
            topic = "{_topic}"
            {kafka}

            [kafka.properties]
            "reconnect.backoff.max.ms" = "250"
            {_plan.Properties}

            [metrics]
            agent_listen = "127.0.0.1:{_port}"

            [agent]
            host_name = "{Host}"
            host_id = "{id}"
            spool_file = "{Spool}"
            {_plan.Settings}

            {string.Join("\n", CollectorCatalogue.All.Select(collector => $"[agent.collectors.{collector.Name}]\nenabled = false"))}

            {string.Join("\n", Commands.Select(command => $$"""
            [[exec]]
            name = "{{command.Command}}"
            command = ["sh", "{{script}}", "{{Folder}}", "{{command.Command}}", "{{_plan.Points}}"]
            interval_seconds = 1
            timeout_seconds = 1
            attributes = { command = "{{command.Command}}" }
            """))}
            """;
    }

    [GeneratedRegex(@"Stopped; scrapes taken: \d+, records acknowledged: \d+, dropped: (?<dropped>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex StoppedLine();
}
