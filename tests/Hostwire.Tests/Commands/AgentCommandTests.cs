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

    [Theory]
    [InlineData("--print=table")]
    [InlineData("--print")]
    public async Task Print_shows_a_table_unless_asked_for_something_else(string print)
    {
        (ExitCode code, string output, _) = await RunArgumentsAsync("--once", "--wait", "0", print);

        Assert.Equal(ExitCode.Success, code);
        Assert.StartsWith("web-1 (", output, StringComparison.Ordinal);
        Assert.Contains("\nsystem.cpu.load_average.1m ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rates_are_not_invented_where_only_one_reading_is_asked_for()
    {
        (_, string output, _) = await RunAsync("json");

        Assert.DoesNotContain("system.cpu.utilization", output, StringComparison.Ordinal);
        Assert.Contains("system.cpu.time", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give --once too", "--print")]
    [InlineData("--wait must be", "--once", "--print", "--wait", "-1")]
    [InlineData("kafka.bootstrap_servers is not set", "--once")]
    [InlineData("kafka.bootstrap_servers is not set")]
    [InlineData("agent.host_name", "--once", "--print", "--agent-host-name", "")]
    public async Task What_cannot_be_done_is_said_in_one_sentence_with_exit_code_2(string words, params string[] arguments)
    {
        (ExitCode code, string output, string error) = await RunArgumentsAsync(arguments);

        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    private static Task<(ExitCode Code, string Output, string Error)> RunAsync(string format) => RunArgumentsAsync("--once", "--wait", "0", $"--print={format}");

    private static async Task<(ExitCode Code, string Output, string Error)> RunArgumentsAsync(params string[] own)
    {
        string host = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", "small-vm");
        string[] arguments =
        [
            "agent", .. own, .. own.Contains("--agent-host-name", StringComparer.Ordinal) ? (string[])[] : ["--agent-host-name", "web-1"],
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
