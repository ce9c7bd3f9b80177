using System.Globalization;
using Hostwire.Metrics;

namespace Hostwire.Simulation.Hosts;

/// <summary>Processes that come and go: at every reading at least one of them has ended and another has taken its place, with the next number.</summary>
internal sealed class SimulatedTopProcesses : ISimulatedSource
{
    private const double EndShare = 0.1;
    private const int FirstPid = 1000;

    private static readonly string[] Names = ["postgres", "java", "nginx", "python3", "node", "sshd", "cron", "bash", "containerd-shim", "rsync", "gzip", "systemd"];

    private readonly Kit _kit;
    private readonly Process[] _processes;
    private int _lastPid;

    public SimulatedTopProcesses(int count, Kit kit, SeededRandom random)
    {
        _kit = kit;
        _lastPid = FirstPid + random.Below(20_000);
        _processes = new Process[count];
        StartAll(random);
    }

    /// <inheritdoc/>
    public bool IsChanging => true;

    /// <inheritdoc/>
    public void Read(in HostMoment moment, Scrape scrape)
    {
        SeededRandom random = moment.Random;
        int certain = random.Below(_processes.Length);
        for (int number = 0; number < _processes.Length; number++)
        {
            if (number == certain || random.Chance(EndShare))
            {
                _processes[number] = Start(random);
            }

            ref Process process = ref _processes[number];
            process.UserTicks += random.Count(moment.Seconds * 100 * moment.Activity * process.Work * random.Unit());
            process.SystemTicks += random.Count(moment.Seconds * 20 * moment.Activity * process.Work * random.Unit());
            process.BytesRead += 4096 * random.Count(moment.Seconds * 50 * moment.Activity * process.Work * random.Unit());
            process.BytesWritten += 4096 * random.Count(moment.Seconds * 80 * moment.Activity * process.Work * random.Unit());
            process.AddPoints(scrape, random);
        }
    }

    /// <inheritdoc/>
    public void Restart(SeededRandom random)
    {
        _lastPid = FirstPid;
        StartAll(random);
    }

    private void StartAll(SeededRandom random)
    {
        for (int number = 0; number < _processes.Length; number++)
        {
            _processes[number] = Start(random);
        }
    }

    private Process Start(SeededRandom random)
    {
        _lastPid += 1 + random.Below(5);
        return new Process(_kit, _lastPid, Names[random.Below(Names.Length)], random);
    }

    /// <summary>The metrics, as OpenTelemetry's host metrics receiver names them; there the process is the resource, here it is among the attributes.</summary>
    internal sealed class Kit
    {
        private static readonly string[] Identity = ["process.executable.name", "process.pid"];

        public Metric CpuTime { get; } = Make("process.cpu.time", "s", MetricKind.Counter, "state");

        public Metric Memory { get; } = Make("process.memory.usage", "By", MetricKind.UpDown);

        public Metric VirtualMemory { get; } = Make("process.memory.virtual", "By", MetricKind.UpDown);

        public Metric Io { get; } = Make("process.disk.io", "By", MetricKind.Counter, "direction");

        private static Metric Make(string name, string unit, MetricKind kind, params string[] keys) => new()
        {
            Name = name,
            Unit = unit,
            Kind = kind,
            IsInteger = unit is "By",
            Description = "Of a simulated process.",
            Source = "simulated",
            AttributeKeys = [.. Identity, .. keys],
        };
    }

    private struct Process(Kit kit, int pid, string name, SeededRandom random)
    {
        private readonly long _pages = random.Below(400_000) + 500;
        private readonly Series _user = Make(kit.CpuTime, pid, name, "user");
        private readonly Series _system = Make(kit.CpuTime, pid, name, "system");
        private readonly Series _memory = Make(kit.Memory, pid, name);
        private readonly Series _virtualMemory = Make(kit.VirtualMemory, pid, name);
        private readonly Series _read = Make(kit.Io, pid, name, "read");
        private readonly Series _written = Make(kit.Io, pid, name, "write");

        /// <summary>How much of a CPU it takes when the host is busy.</summary>
        public double Work { get; } = random.Unit() * random.Unit();

        public long UserTicks { get; set; }

        public long SystemTicks { get; set; }

        public long BytesRead { get; set; }

        public long BytesWritten { get; set; }

        public readonly void AddPoints(Scrape scrape, SeededRandom random)
        {
            scrape.Add(_user, UserTicks / 100.0);
            scrape.Add(_system, SystemTicks / 100.0);
            scrape.Add(_memory, 4096 * (_pages + random.Below(64)));
            scrape.Add(_virtualMemory, 4096 * 5 * _pages);
            scrape.Add(_read, BytesRead);
            scrape.Add(_written, BytesWritten);
        }

        private static Series Make(Metric metric, int pid, string name, params string[] more) =>
            new(metric, [name, pid.ToString(CultureInfo.InvariantCulture), .. more]);
    }
}
