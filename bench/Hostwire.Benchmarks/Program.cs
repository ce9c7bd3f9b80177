using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Hostwire.Benchmarks;
using Hostwire.EndToEnd;

Machine machine = await Machine.ReadAsync();
await Console.Out.WriteLineAsync($"{machine}\n.NET {Environment.Version}, just-in-time compiled");

// In this process: another one would be a project that BenchmarkDotNet writes, which our rules for projects do not fit.
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(12))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results"));
Summary[] summaries = BenchmarkSwitcher.FromAssembly(typeof(Points).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config).ToArray();
BenchmarkReport[] reports = [.. summaries.SelectMany(summary => summary.Reports)];
if (reports.Length == 0 || reports.Any(report => !report.Success || report.ResultStatistics is null))
{
    await Console.Error.WriteLineAsync("The run proves nothing: no benchmark was chosen, or one has failed (see above).");
    return 1;
}

await Console.Out.WriteLineAsync(MicroReport.Json(machine, reports));
return 0;
