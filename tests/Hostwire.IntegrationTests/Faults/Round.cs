using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;
using Hostwire.IntegrationTests.Faults.Agents;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>A round that runs: a new topic, a new database, sinks, and records that come in all the time.</summary>
internal sealed class Round : IAsyncDisposable
{
    private readonly List<WatchedProcess> _sinks = [];
    private readonly List<(long From, long To)> _underFault = [];
    private readonly List<SyntheticHost> _hosts = [];
    private readonly List<LedgerProducer> _producers = [];
    private CancellationTokenSource? _producing;
    private Task _sending = Task.CompletedTask;
    private int _names;

    /// <summary>Nothing is started yet.</summary>
    public Round(FaultStand stand, RoundPlan plan)
    {
        Stand = stand;
        Plan = plan;
        Random = new Random(plan.Seed);
        Topic = $"faults_{Guid.NewGuid():n}";
    }

    /// <summary>What it runs on.</summary>
    public FaultStand Stand { get; }

    /// <summary>As it was drawn.</summary>
    public RoundPlan Plan { get; }

    /// <summary>For what a fault decides while it runs.</summary>
    public Random Random { get; }

    /// <summary>The topic, which is also the name of the group.</summary>
    public string Topic { get; }

    /// <summary>The id of the topic of that name now.</summary>
    public string TopicId { get; private set; } = "";

    /// <summary>The database of this round.</summary>
    public TestDatabase Database { get; private set; } = null!;

    /// <summary>What was sent.</summary>
    public Ledger Ledger { get; } = new();

    /// <summary>The gaps that faults have made: a row of <c>hostwire.gap</c> that is none of these is a false alarm.</summary>
    public List<ExpectedGap> ExpectedGaps { get; } = [];

    /// <summary>What has gone wrong besides the comparison at the end.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Whether the stored offsets may have gone back, because the database did.</summary>
    public bool OffsetsMayGoBack { get; set; }

    /// <summary>Whether something was done that two sinks of different names may be told for: rows of <c>hostwire.conflict</c>.</summary>
    public bool ConflictsMayBe { get; set; }

    /// <summary>How many hosts there are beyond the first of their name.</summary>
    public int HostsOfOneName { get; set; }

    /// <summary>Every process so far, also those that have ended.</summary>
    public IEnumerable<WatchedProcess> Processes => _sinks.Concat(Agents.SelectMany(agent => agent.Processes));

    /// <summary>The agents.</summary>
    public IReadOnlyList<LedgerAgent> Agents { get; private set; } = [];

    /// <summary>The sinks that run.</summary>
    public WatchedProcess[] Sinks => [.. _sinks.Where(process => process.IsRunning && !process.IsToldToEnd)];

    /// <summary>The producer of the ledger's records.</summary>
    public LedgerProducer Producer => _producers[^1];

    /// <summary>Makes topic and database, starts sinks and the flow of records, and returns once the first are stored.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Task<TestDatabase> making = Stand.Postgres.CreateDatabaseAsync(cancellationToken);
        await Stand.Kafka.Client.CreateTopicAsync(Topic, Plan.Partitions, TopicConfig);
        Database = await making;
        await OffsetAudit.InstallAsync(Database, cancellationToken);
        for (int i = 0; i < Plan.Sinks; i++)
        {
            await StartSinkAsync(i, cancellationToken);
        }

        for (int i = 0; i < Plan.Hosts; i++)
        {
            _hosts.Add(new SyntheticHost($"host-{i}", seed: (Plan.Seed * 31) + i, newSeriesEvery: Plan.NewSeriesEvery));
        }

        var slow = new FlowConditions { Delay = TimeSpan.FromMilliseconds(Plan.DelayMilliseconds) };
        foreach (FaultProxy proxy in (FaultProxy[])[.. Stand.SinkToKafka, .. Stand.SinkToPostgres])
        {
            proxy.SetBoth(slow);
        }

        await ProduceAsync();
        await StartAgentsAsync(cancellationToken);
        await StoreMoreAsync(cancellationToken);
    }

    /// <summary>A fault begins.</summary>
    public void BeginFault()
    {
        Ledger.IsUnderFault = true;
        _underFault.Add((LedgerAgent.Now, long.MaxValue));
    }

    /// <summary>It is over.</summary>
    public void EndFault()
    {
        Ledger.IsUnderFault = false;
        _underFault[^1] = _underFault[^1] with { To = LedgerAgent.Now };
    }

    /// <summary>Ends the flow of records and everything that runs, in order; all that is on the topic is stored then.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await PauseProducingAsync(cancellationToken);
        // Whatever the faults have ended: a sink has to be there to store what is left.
        await RestoreSinksAsync(1, cancellationToken);
        foreach (LedgerAgent agent in Agents)
        {
            await agent.PauseAsync(cancellationToken);
            await agent.EmptyAsync(cancellationToken);
            await agent.StopAsync(cancellationToken);
        }

        await MarkAndDrainAsync(cancellationToken);
        foreach (WatchedProcess sink in Sinks)
        {
            await sink.StopAsync(cancellationToken);
        }
    }

    /// <summary>Waits until all that is on the topic now is stored. What agents sent has offsets that the ledger does not know: they lie before those of a last record on each partition.</summary>
    public async Task MarkAndDrainAsync(CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < Plan.Partitions; partition++)
        {
            Producer.SendNext(_hosts[partition % _hosts.Count], partition);
        }

        await Producer.FlushAsync(cancellationToken);
        await DrainAsync(cancellationToken);
    }

    /// <summary>How many points these readings have that were begun and done while a fault was on.</summary>
    public long PointsUnderFault(IEnumerable<LedgerReading> readings) =>
        Plan.Agents is null ? 0 : Plan.Agents.Points * readings.LongCount(reading => reading.IsDone && _underFault.Exists(fault => reading.Id >= fault.From && reading.Id < fault.To));

    /// <summary>Waits until agents have been given so many more points, outside of the product's knowledge.</summary>
    public Task AgentsAcceptAsync(int points, CancellationToken cancellationToken)
    {
        long since = LedgerAgent.Now;
        return UntilAsync(
            () => Task.FromResult(Plan.Agents!.Points * Agents.SelectMany(agent => agent.Readings()).LongCount(reading => reading.IsDone && reading.Id >= since) >= points),
            "agents to be given more points",
            cancellationToken);
    }

    /// <summary>Starts a sink.</summary>
    public async Task<WatchedProcess> StartSinkAsync(int place, CancellationToken cancellationToken)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"sink-{_names++}");
        var uri = new UriBuilder(Database.Uri) { Port = Stand.SinkToPostgres[place].Port };
        uri.Query += $"&application_name={name}";
        string kafka = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Stand.SinkToKafka[place].Port}");
        string config = await Stand.Files.WriteAsync($"{Topic}-{name}.toml", SinkSettings.Text(kafka, Topic, uri.Uri.AbsoluteUri, """
            # Small, so that a fault meets many of them.
            batch_max_bytes = 65536
            batch_max_milliseconds = 5

            [kafka.properties]
            # So that a sink that is gone is missed after seconds, and a broker that is back is found at once.
            "session.timeout.ms" = "3000"
            "heartbeat.interval.ms" = "500"
            "reconnect.backoff.max.ms" = "250"

            [metrics]
            sink_listen = ""
            """));
        var sink = new WatchedProcess(name, place, await Stand.Hostwire.StartAsync(["sink", "--config", config]));
        cancellationToken.ThrowIfCancellationRequested();
        _sinks.Add(sink);
        return sink;
    }

    /// <summary>A sink on each of the first places, whatever has become of those that were there.</summary>
    public async Task RestoreSinksAsync(int count, CancellationToken cancellationToken)
    {
        for (int place = 0; place < count; place++)
        {
            if (!Array.Exists(Sinks, sink => sink.Place == place))
            {
                await StartSinkAsync(place, cancellationToken);
            }
        }
    }

    /// <summary>Lays a tripwire on the way of every sink to PostgreSQL, and waits for the first that gets there; the others go on.</summary>
    public async Task<(WatchedProcess Sink, ProxiedConnection Connection)> TripAsync(Func<Tripwire> make, CancellationToken cancellationToken, params WatchedProcess[] sinks)
    {
        (WatchedProcess Sink, Tripwire Wire)[] laid =
            [.. (sinks.Length > 0 ? sinks : Sinks).Select(sink => (sink, Stand.SinkToPostgres[sink.Place].Lay(make())))];
        await UntilAsync(() => Task.FromResult(Array.Exists(laid, one => one.Wire.Tripped.IsCompleted)), "a tripwire to be met", cancellationToken);
        (WatchedProcess Sink, Tripwire Wire) first = laid.First(one => one.Wire.Tripped.IsCompleted);
        foreach ((WatchedProcess sink, Tripwire wire) in laid)
        {
            Stand.SinkToPostgres[sink.Place].Lay(Tripwire.None);
            if (wire != first.Wire && wire.Tripped.IsCompleted)
            {
                (await wire.Tripped).Release();
            }
        }

        return (first.Sink, await first.Wire.Tripped);
    }

    /// <summary>Adds a host of the fault's own; records of it are sent only by the fault.</summary>
    public SyntheticHost MakeHost(string name, long? startMicros = null) => new(name, Random.Next(), startMicros);

    /// <summary>Waits until so many more points have been accepted since the call, which is how long a fault lasts at least.</summary>
    public Task AcceptAsync(int points, CancellationToken cancellationToken)
    {
        long goal = Ledger.AcceptedUnderFault + points;
        return UntilAsync(() => Task.FromResult(Ledger.AcceptedUnderFault >= goal), "more points to be accepted", cancellationToken);
    }

    /// <summary>Waits until a stored offset has moved.</summary>
    public async Task StoreMoreAsync(CancellationToken cancellationToken)
    {
        long before = await MovesAsync(cancellationToken);
        await UntilAsync(async () => await MovesAsync(cancellationToken) > before, "an offset to move", cancellationToken);
    }

    /// <summary>Waits until something is so; asking a database that is away means that it is not.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken) =>
        Patience.UntilAsync(() => IsSoAsync(condition, cancellationToken), what, cancellationToken);

    /// <summary>Which session has claimed each partition last.</summary>
    public async Task<Dictionary<int, string>> OwnersAsync(CancellationToken cancellationToken)
    {
        var owners = new Dictionary<int, string>();
        await using NpgsqlCommand command = Database.DataSource.CreateCommand("SELECT DISTINCT ON (partition) partition, session FROM rig.move WHERE is_claim ORDER BY partition, id DESC");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            owners[reader.GetInt32(0)] = reader.GetString(1);
        }

        return owners;
    }

    /// <summary>Waits until every partition of the topic as it is now has been claimed.</summary>
    public Task ClaimAllAsync(CancellationToken cancellationToken) => UntilAsync(
        async () =>
        {
            Dictionary<int, (string TopicId, long Next)> stored = await StoredAsync(cancellationToken);
            return stored.Count == Plan.Partitions && stored.Values.All(at => at.TopicId == TopicId);
        },
        "every partition to be claimed",
        cancellationToken);

    /// <summary>Kills every sink.</summary>
    public Task KillSinksAsync(CancellationToken cancellationToken) => Task.WhenAll(Sinks.Select(sink => sink.KillAsync(cancellationToken)));

    /// <summary>The first offset of each partition that is not stored, as far as partitions were claimed.</summary>
    public async Task<Dictionary<int, (string TopicId, long Next)>> StoredAsync(CancellationToken cancellationToken)
    {
        var stored = new Dictionary<int, (string, long)>();
        await using NpgsqlCommand command = Database.DataSource.CreateCommand("SELECT partition, topic_id, next_offset FROM hostwire.kafka_offset");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored[reader.GetInt32(0)] = (reader.GetString(1), reader.GetInt64(2));
        }

        return stored;
    }

    /// <summary>Stops the flow of records; every one of them is on the topic then.</summary>
    public async Task PauseProducingAsync(CancellationToken cancellationToken)
    {
        if (_producing is { } producing)
        {
            _producing = null;
            await producing.CancelAsync();
            await _sending;
            producing.Dispose();
            await Producer.FlushAsync(cancellationToken).WaitAsync(Patience.Max, cancellationToken);
        }
    }

    /// <summary>Sends to the topic of the name as it is now.</summary>
    public async Task FindTopicAsync()
    {
        string topicId = await Stand.Kafka.Client.TopicIdAsync(Topic);
        if (topicId != TopicId)
        {
            TopicId = topicId;
            _producers.Add(new LedgerProducer(Stand.Kafka.BootstrapServers, Topic, topicId, Ledger));
        }
    }

    /// <summary>Starts or goes on with the flow of records.</summary>
    public async Task ProduceAsync()
    {
        await FindTopicAsync();
        _producing = new CancellationTokenSource();
        CancellationToken stop = _producing.Token;
        _sending = Task.Run(() => Producer.SendUntilAsync(_hosts, Plan.Partitions, stop), CancellationToken.None);
    }

    /// <summary>Waits until everything that the broker has acknowledged lies behind a stored offset.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Dictionary<int, long> ends = Ledger.Snapshot()
            .Where(record => record.IsAccepted && record.TopicId == TopicId && record.Fate is not RecordFate.Aborted)
            .GroupBy(record => record.Partition)
            .ToDictionary(records => records.Key, records => records.Max(record => record.Offset));
        Dictionary<int, (string TopicId, long Next)> stored = [];
        try
        {
            await UntilAsync(
                async () =>
                {
                    stored = await StoredAsync(cancellationToken);
                    return ends.All(end => IsStored(end.Key, end.Value));
                },
                "the lag to be 0",
                cancellationToken);
        }
        catch (TimeoutException vain)
        {
            string behind = string.Join(", ", ends.Where(end => !IsStored(end.Key, end.Value)).Select(end =>
                $"partition {end.Key} at {(stored.TryGetValue(end.Key, out (string TopicId, long Next) at) ? $"{at.Next}" : "nothing")} of {end.Value + 1}"));
            throw new TimeoutException($"{vain.Message} Behind: {behind}.", vain);
        }

        bool IsStored(int partition, long offset) => stored.TryGetValue(partition, out (string TopicId, long Next) at) && at.TopicId == TopicId && at.Next > offset;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_producing is { } producing)
        {
            await producing.CancelAsync();
            await _sending;
            producing.Dispose();
        }

        foreach (WatchedProcess process in Processes.ToArray())
        {
            await process.DisposeAsync();
        }

        _producers.ForEach(producer => producer.Dispose());
        if (TopicId.Length > 0 && Stand.Kafka.IsRunning)
        {
            await Stand.Kafka.Client.DeleteTopicAsync(Topic);
        }

        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }

    private static Dictionary<string, string> TopicConfig { get; } = new(StringComparer.Ordinal) { ["message.timestamp.type"] = "LogAppendTime" };

    private async Task StartAgentsAsync(CancellationToken cancellationToken)
    {
        if (Plan.Agents is { } plan)
        {
            Agents = [.. Enumerable.Range(0, plan.Count).Select(number => new LedgerAgent(Stand, plan, Topic, number))];
            await Task.WhenAll(Agents.Select(agent => agent.StartAsync(cancellationToken)));
        }
    }

    private async Task<bool> IsSoAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        foreach (WatchedProcess process in Processes)
        {
            process.CheckAlive();
            if (process.Complaint is { } complaint)
            {
                throw new InvalidOperationException(complaint);
            }
        }

        try
        {
            return await condition();
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private Task<long> MovesAsync(CancellationToken cancellationToken) =>
        Database.AdminScalarAsync<long>("SELECT count(*) FROM rig.move WHERE to_offset > from_offset", cancellationToken);
}
