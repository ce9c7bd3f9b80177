using Google.Protobuf;
using Hostwire.Commands;
using Hostwire.Diagnostics;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Commands;

public sealed class AgentCommandTests
{
    [Fact]
    public async Task Print_shows_the_record_as_otlp_json_that_an_independent_parser_reads()
    {
        (ExitCode code, string output, _) = await RunAsync("otlp-json");

        Assert.Equal(ExitCode.Success, code);
        ResourceMetrics record = Assert.Single(JsonParser.Default.Parse<ExportMetricsServiceRequest>(output).ResourceMetrics);
        Assert.Contains(new KeyValue { Key = "host.name", Value = new AnyValue { StringValue = "web-1" } }, record.Resource.Attributes);
        ScopeMetrics scope = Assert.Single(record.ScopeMetrics);
        Assert.Equal("hostwire", scope.Scope.Name);
        Assert.Contains(scope.Metrics, metric => string.Equals(metric.Name, "system.memory.usage", StringComparison.Ordinal) && metric.Sum.DataPoints.Count > 1);
        Assert.EndsWith("}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Print_refuses_a_format_it_does_not_have()
    {
        (ExitCode code, string output, string error) = await RunAsync("yaml");

        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Contains("otlp-json", error, StringComparison.Ordinal);
    }

    private static async Task<(ExitCode Code, string Output, string Error)> RunAsync(string format)
    {
        string host = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", "small-vm");
        string[] arguments =
        [
            "agent", "--once", "--wait", "0", $"--print={format}", "--agent-host-name", "web-1",
            "--procfs", Path.Combine(host, "proc"), "--sysfs", Path.Combine(host, "sys"), "--rootfs", Path.Combine(host, "root"),
            "--agent-collector-timeout-seconds", "60",
        ];
        var invocation = new HostwireInvocation
        {
            Output = new StringWriter(),
            Error = new StringWriter(),
            LogStream = Stream.Null,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal),
            DefaultConfigFile = "/nowhere/hostwire.toml",
        };
        ExitCode code = await CommandLine.RunAsync(arguments, [AgentCommand.Create()], invocation, TestContext.Current.CancellationToken);
        return (code, invocation.Output.ToString()!, invocation.Error.ToString()!);
    }
}
