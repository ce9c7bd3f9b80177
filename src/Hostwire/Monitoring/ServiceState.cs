using System.Globalization;

namespace Hostwire.Monitoring;

/// <summary>What a running agent or sink lets others know of itself: that it has started, that its loops advance, and what keeps it from its job. For any thread.</summary>
public sealed class ServiceState(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, Pulse> _pulses = new(StringComparer.Ordinal);

    // By whoever noticed; the order is the one in which they came.
    private readonly OrderedDictionary<object, string> _troubles = new(ReferenceEqualityComparer.Instance);

    /// <summary>Completes once it works, or has found out that a dependency is away and tries until it is there: from then on nobody has to wait for its start.</summary>
    public Task Started => _started.Task;

    /// <summary>It has started.</summary>
    public void Start() => _started.TrySetResult();

    /// <summary>The pulse of a loop that begins; one of the same name takes the place of the last.</summary>
    public Pulse Begin(string loop, TimeSpan limit)
    {
        var pulse = new Pulse(loop, limit, time);
        lock (_gate)
        {
            _pulses[loop] = pulse;
        }

        return pulse;
    }

    /// <summary>Something keeps it from its job; a sentence for people, without a secret. It takes the place of what the same one said before.</summary>
    public void Trouble(object who, string sentence)
    {
        lock (_gate)
        {
            _troubles[who] = sentence;
        }
    }

    /// <summary>Whoever noticed it finds that it is over.</summary>
    public void Mend(object who)
    {
        lock (_gate)
        {
            _troubles.Remove(who);
        }
    }

    /// <summary>All who noticed anything have ended, and others begin.</summary>
    public void MendAll()
    {
        lock (_gate)
        {
            _troubles.Clear();
        }
    }

    /// <summary>What keeps it from its job; empty when nothing does.</summary>
    public string[] Troubles()
    {
        lock (_gate)
        {
            return _started.Task.IsCompleted ? [.. _troubles.Values] : ["It is starting.", .. _troubles.Values];
        }
    }

    /// <summary>Whether it does its job: it has started, nothing keeps it from it, and its loops advance.</summary>
    public bool IsReady => Troubles().Length == 0 && Stuck().Length == 0;

    /// <summary>The loops that have not come round in time; empty when all is well.</summary>
    public string[] Stuck()
    {
        lock (_gate)
        {
            return
            [
                .. _pulses.Values.Where(pulse => pulse.IsStuck).Select(pulse => string.Create(
                    CultureInfo.InvariantCulture, $"The {pulse.Name} has not come round for {pulse.Age.TotalSeconds:0} s; {pulse.Limit.TotalSeconds:0} s is the most it should take.")),
            ];
        }
    }
}
