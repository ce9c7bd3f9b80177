using Hostwire.Agent.Spool;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Where an agent's records wait for Kafka: in a spool, or in memory alone.</summary>
internal sealed class AgentQueue : IDisposable
{
    private readonly AgentCounters _counters;
    private readonly MemoryRecordQueue? _memory;
    private readonly SpoolQueue? _spool;
    private readonly SpoolThread? _thread;

    private AgentQueue(AgentOptions options, AgentCounters counters, ILogger logger, TimeProvider time)
    {
        _counters = counters;
        if (options.Spool && options.SpoolFile.Length > 0)
        {
            _spool = new SpoolQueue(Limits(options), counters, logger, time);
            _thread = new SpoolThread(_spool);
        }
        else
        {
            _memory = new MemoryRecordQueue(options.QueueMaxBytes, counters, logger);
        }

        Limit(options);
    }

    /// <summary>The records.</summary>
    public IRecordQueue Records => (IRecordQueue?)_spool ?? _memory!;

    /// <summary>Of the records, how many end with the process.</summary>
    public long Unwritten => _spool?.Unwritten ?? Records.Count;

    /// <summary>As the settings say; where they name no file, in memory.</summary>
    /// <exception cref="UserException">The spool's file is another program's, or another agent's.</exception>
    public static AgentQueue Open(AgentOptions options, AgentCounters counters, ILogger logger, TimeProvider time) => new(options, counters, logger, time);

    /// <summary>From now on the limits of these settings count. Where the records are stays as it is.</summary>
    public void Limit(AgentOptions options)
    {
        _counters.SetQueueLimit(_spool is not null ? options.SpoolMaxBytes : options.QueueMaxBytes);
        _memory?.Limit(options.QueueMaxBytes);
        _spool?.Limit(Limits(options));
    }

    /// <summary>Writes what is left to write.</summary>
    public void Dispose() => _thread?.Dispose();

    private static SpoolSettings Limits(AgentOptions options) => new()
    {
        Path = options.SpoolFile,
        BytesMax = options.SpoolMaxBytes,
        MemoryBytesMax = options.QueueMaxBytes,
        AgeMax = TimeSpan.FromHours(options.SpoolMaxAgeHours),
        SyncInterval = TimeSpan.FromSeconds(options.SpoolSyncSeconds),
    };
}
