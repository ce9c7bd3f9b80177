using System.Globalization;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class TopCollectorTests : IDisposable
{
    private readonly TemporaryHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Processes_of_one_name_are_one_program_with_its_share_of_all_cpus_its_memory_and_its_largest_process()
    {
        TopCollector collector = Collector(top: 1);
        Host(0);
        Process(10, "postgres", user: 100, system: 50, pages: 10);
        Process(11, "postgres", user: 500, system: 0, pages: 20);
        Process(12, "idle", user: 1, system: 1, pages: 5);
        Assert.Empty(Reading.Of(collector));

        Host(1000);
        Process(10, "postgres", user: 150, system: 60, pages: 10);
        Process(11, "postgres", user: 540, system: 0, pages: 20);
        Process(12, "idle", user: 1, system: 1, pages: 5);
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["process.cpu.utilization{process.executable.name=postgres,state=user}"] = 0.09,
                ["process.cpu.utilization{process.executable.name=postgres,state=system}"] = 0.01,
                ["process.memory.usage{process.executable.name=postgres}"] = 30 * Environment.SystemPageSize,
                ["hostwire.process.count{process.executable.name=postgres}"] = 2,
                ["hostwire.process.pid{process.executable.name=postgres}"] = 10,
            },
            Reading.Of(collector));
    }

    [Fact]
    public void The_top_by_cpu_and_the_top_by_memory_are_sent_and_no_more()
    {
        TopCollector collector = Collector(top: 2);
        foreach (int ticks in (int[])[0, 1])
        {
            Host(ticks * 1000);
            Process(1, "busiest", user: ticks * 50, system: 0, pages: 1);
            Process(2, "busy", user: ticks * 40, system: 0, pages: 2);
            Process(3, "third", user: ticks * 30, system: 0, pages: 3);
            Process(4, "large", user: 0, system: 0, pages: 400);
            Process(5, "largest", user: 0, system: 0, pages: 500);
            Process(6, "nothing", user: 0, system: 0, pages: 0);
            if (ticks == 0)
            {
                Reading.Of(collector);
            }
        }

        AssertNames(["busiest", "busy", "large", "largest"], collector);
    }

    [Fact]
    public void A_program_that_uses_nothing_is_no_top_however_few_there_are()
    {
        TopCollector collector = Collector(top: 5);
        Host(0);
        Process(1, "zombie", user: 3, system: 0, pages: 0);
        Reading.Of(collector);
        Host(100);
        AssertNames([], collector);
    }

    [Fact]
    public void A_process_that_got_the_number_of_another_has_used_what_it_says_and_one_that_ended_is_forgotten()
    {
        TopCollector collector = Collector(top: 1);
        Host(0);
        Process(10, "old", user: 5000, system: 0, pages: 1);
        Process(11, "gone", user: 1, system: 0, pages: 1);
        Reading.Of(collector);
        Host(1000);
        Process(10, "new", user: 30, system: 0, pages: 1, start: 77);
        Directory.Delete($"{_host.Folder}/proc/11", recursive: true);

        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(0.03, values["process.cpu.utilization{process.executable.name=new,state=user}"]);
        Assert.Equal(5, values.Count);
    }

    [Fact]
    public void Threads_of_the_kernel_are_no_programs()
    {
        TopCollector collector = Collector(top: 5);
        foreach (int ticks in (int[])[0, 1])
        {
            Host(ticks * 1000);
            Process(2, "kworker/0:1", user: 0, system: ticks * 500, pages: 0, flags: 0x208040);
            Process(9, "sh", user: ticks, system: 0, pages: 1);
            if (ticks == 0)
            {
                Reading.Of(collector);
            }
        }

        AssertNames(["sh"], collector);
    }

    [Fact]
    public void Names_beyond_the_bound_are_left_out_and_said()
    {
        TopCollector collector = Collector(top: 1);
        int ticks = 0;
        Reading.Of(At(0));
        for (int round = 1; round <= TopCollector.NamesMax; round++)
        {
            Assert.Equal(5, Reading.Of(At(round)).Count);
        }

        Assert.Null(collector.LeftOut);
        Assert.Empty(Reading.Of(At(TopCollector.NamesMax + 1)));
        Assert.Contains("500 names of programs", collector.LeftOut, StringComparison.Ordinal);
        Assert.Equal(5, Reading.Of(At(7)).Count);

        TopCollector At(int round)
        {
            Host(ticks += 1000);
            Process(10, string.Create(CultureInfo.InvariantCulture, $"tmp.{round}"), user: round + 1, system: 0, pages: 1, start: round);
            return collector;
        }
    }

    [Theory]
    [InlineData("cpu0 1 2 3 4 5 6 7 8\n")]
    [InlineData("cpu  1 2 3\n")]
    [InlineData("")]
    public void A_host_whose_cpu_time_cannot_be_read_is_an_error_that_names_the_file(string stat)
    {
        _host.Write("proc/stat", stat);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(Collector(top: 1)));
        Assert.StartsWith($"{_host.Paths.Procfs}/stat ", error.Message, StringComparison.Ordinal);
    }

    private static void AssertNames(string[] expected, TopCollector collector) => Assert.Equal(
        expected,
        Reading.Points(collector).Points.ToArray().Select(point => point.Series.Subject!.Values[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        StringComparer.Ordinal);

    private TopCollector Collector(int top) => new(new CollectorSetup(_host.Paths) { TopProcesses = top });

    private void Host(int ticks) => _host.Write("proc/stat", string.Create(CultureInfo.InvariantCulture, $"cpu  {ticks} 0 0 0 0 0 0 0 0 0\n"));

    private void Process(int pid, string name, int user, int system, int pages, int start = 1, int flags = 0x400100) => _host.Write(
        string.Create(CultureInfo.InvariantCulture, $"proc/{pid}/stat"),
        string.Create(CultureInfo.InvariantCulture, $"{pid} ({name}) S 1 1 1 0 -1 {flags} 0 0 0 0 {user} {system} 0 0 20 0 1 0 {start} 4096 {pages} 0\n"));
}
