using System.Text.Json.Nodes;
using BenchmarkDotNet.Reports;
using Hostwire.EndToEnd;

namespace Hostwire.Benchmarks;

/// <summary>What the benchmarks have measured, for programs.</summary>
internal static class MicroReport
{
    /// <summary>One JSON object on a line of its own. An operation is what the benchmark's class says: a point, a reading, a record.</summary>
    public static string Json(Machine machine, IEnumerable<BenchmarkReport> reports) => new JsonObject
    {
        ["bench"] = "micro",
        ["machine"] = machine.ToJson(),
        ["commit"] = machine.Commit,
        ["date"] = machine.Date,
        ["runtime"] = $".NET {Environment.Version}, JIT",
        ["results"] = new JsonArray([.. reports.Select(Json)]),
    }.ToJsonString(Machine.Json);

    private static JsonObject Json(BenchmarkReport report) => new()
    {
        ["name"] = report.BenchmarkCase.Descriptor.GetFilterName(),
        ["parameters"] = report.BenchmarkCase.Parameters.PrintInfo,
        ["nanoseconds"] = Math.Round(report.ResultStatistics!.Median, 3),
        ["error"] = Math.Round(report.ResultStatistics.StandardError, 3),
        ["allocated_bytes"] = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase),
    };
}
