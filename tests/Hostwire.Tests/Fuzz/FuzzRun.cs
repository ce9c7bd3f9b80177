using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Hostwire.Tests.Fuzz;

/// <summary>Feeds a target with inputs by their numbers, on several threads, and collects what was wrong.</summary>
internal sealed class FuzzRun(string name, Func<FuzzTarget> create, uint seed)
{
    private const int FindingsMax = 20;

    private readonly Lock _gate = new();
    private readonly List<(long Number, byte[] Input, Exception Error)> _findings = [];
    private TimeSpan _time;
    private long _inputs;

    /// <summary>The inputs that were wrong, each with its number.</summary>
    public IReadOnlyList<(long Number, byte[] Input, Exception Error)> Findings => _findings;

    /// <summary>Runs the inputs of these numbers.</summary>
    public void Run(long first, long count, int threads, CancellationToken stopping)
    {
        long start = Stopwatch.GetTimestamp();
        Thread[] running = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() => RunEvery(first + thread, first + count, threads, stopping)))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
        _time = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>The result as one line of JSON.</summary>
    public override string ToString() => new JsonObject
    {
        ["target"] = name,
        ["seed"] = seed,
        ["inputs"] = _inputs,
        ["seconds"] = Math.Round(_time.TotalSeconds, 1),
        ["findings"] = new JsonArray([.. _findings.OrderBy(finding => finding.Number).Select(finding => new JsonObject
        {
            ["number"] = finding.Number,
            ["input"] = Convert.ToHexStringLower(finding.Input),
            ["error"] = string.Create(CultureInfo.InvariantCulture, $"{finding.Error.GetType().Name}: {finding.Error.Message}"),
        })]),
    }.ToJsonString();

    private void RunEvery(long first, long end, int step, CancellationToken stopping)
    {
        using FuzzTarget target = create();
        for (long number = first; number < end && !stopping.IsCancellationRequested; number += step)
        {
            byte[] input = target.Input(seed, number);
            try
            {
                target.Check(input);
            }
            catch (Exception error)
            {
                lock (_gate)
                {
                    _findings.Add((number, input, error));
                    if (_findings.Count >= FindingsMax)
                    {
                        return;
                    }
                }
            }

            Interlocked.Increment(ref _inputs);
        }
    }
}
