using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Hostwire.Agent;
using Hostwire.Agent.Spool;
using Hostwire.EndToEnd;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostwire.Benchmarks;

/// <summary>A record's way through the spool: into the file, out to be sent, acknowledged. The file lies in the folder for temporary files. An operation is a record.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Cleanup disposes of the queue.")]
public class SpoolBenchmarks
{
    private readonly byte[] _record = new byte[6_000];
    private string _folder = "";
    private SpoolQueue _queue = null!;

    /// <summary>An empty spool with an agent's usual limits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(_record);
        _folder = Directory.CreateTempSubdirectory("hostwire-bench-").FullName;
        var settings = new SpoolSettings
        {
            Path = Path.Combine(_folder, "spool.db"), BytesMax = 256 << 20, MemoryBytesMax = 32 << 20, AgeMax = TimeSpan.FromHours(72), SyncInterval = TimeSpan.FromSeconds(30),
        };
        _queue = new SpoolQueue(settings, new AgentCounters(), NullLogger.Instance, TimeProvider.System);
    }

    /// <summary>What was acknowledged is gone, and the file is sound.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        if (_queue.Count != 0 || !File.Exists(Path.Combine(_folder, "spool.db")))
        {
            throw new BenchFailedException("the spool is not empty, or never was a file");
        }

        _queue.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Appends one, writes, takes it, and acknowledges it; its row is removed with those of others.</summary>
    [Benchmark]
    public long AppendAndAcknowledge()
    {
        _queue.Add(_record);
        _queue.Step();
        QueuedRecord taken = _queue.Take()!;
        if (!taken.Value.AsSpan().SequenceEqual(_record))
        {
            throw new BenchFailedException("the spool yields another record than it was given");
        }

        _queue.Acknowledge(taken);
        return _queue.Count;
    }
}
