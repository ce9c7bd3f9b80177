using Hostwire.Agent.Spool;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Agent;

/// <summary>Where an agent's records wait for Kafka: in a spool, or in memory alone.</summary>
internal sealed class AgentQueue : IDisposable
{
    private readonly SpoolThread? _thread;

    private AgentQueue(IRecordQueue records, SpoolThread? thread)
    {
        Records = records;
        _thread = thread;
    }

    /// <summary>The records.</summary>
    public IRecordQueue Records { get; }

    /// <summary>Whether what has not been sent outlives the process.</summary>
    public bool IsSpool => _thread is not null;

    /// <summary>As the settings say; where they name no file, in memory.</summary>
    /// <exception cref="UserException">The spool's file is another program's, or another agent's.</exception>
    public static AgentQueue Open(AgentOptions options, AgentCounters counters, ILogger logger, TimeProvider time)
    {
        if (!options.Spool || options.SpoolFile.Length == 0)
        {
            counters.SetQueueLimit(options.QueueMaxBytes);
            return new AgentQueue(new MemoryRecordQueue(options.QueueMaxBytes, counters, logger), null);
        }

        var settings = new SpoolSettings
        {
            Path = options.SpoolFile,
            BytesMax = options.SpoolMaxBytes,
            MemoryBytesMax = options.QueueMaxBytes,
            AgeMax = TimeSpan.FromHours(options.SpoolMaxAgeHours),
            SyncInterval = TimeSpan.FromSeconds(options.SpoolSyncSeconds),
        };
        counters.SetQueueLimit(options.SpoolMaxBytes);
        var spool = new SpoolQueue(settings, counters, logger, time);
        return new AgentQueue(spool, new SpoolThread(spool));
    }

    /// <summary>Writes what is left to write.</summary>
    public void Dispose() => _thread?.Dispose();
}
