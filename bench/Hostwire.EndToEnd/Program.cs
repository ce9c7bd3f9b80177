using Hostwire.Diagnostics;
using Hostwire.EndToEnd;
using Hostwire.EndToEnd.Agent;
using Hostwire.EndToEnd.Drain;
using Hostwire.EndToEnd.Growth;
using Hostwire.EndToEnd.Latency;
using Hostwire.EndToEnd.Query;
using Hostwire.EndToEnd.Scale;

using var signals = new StopSignals();
try
{
    return args switch
    {
        ["drain", .. var rest] => await DrainBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        ["agent", .. var rest] => await AgentBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        ["query", .. var rest] => await QueryBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        ["latency", .. var rest] => await LatencyBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        ["growth", .. var rest] => await GrowthBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        ["scale", .. var rest] => await ScaleBench.RunAsync(BenchArguments.Parse(rest), Console.Out, Console.Error, signals.Stopping),
        _ => throw new UserException("Say which benchmark: drain, agent, query, latency, growth or scale.", ExitCode.Usage),
    };
}
catch (UserException error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return (int)error.ExitCode;
}
catch (BenchFailedException error)
{
    await Console.Error.WriteLineAsync($"The run proves nothing: {error.Message}");
    return 1;
}
