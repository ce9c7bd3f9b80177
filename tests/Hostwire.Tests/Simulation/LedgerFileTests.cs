using System.Text.Json;
using Hostwire.Diagnostics;
using Hostwire.Simulation;
using Hostwire.Simulation.Hosts;
using Hostwire.Simulation.Ledger;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Simulation;

public sealed class LedgerFileTests : IDisposable
{
    private const long Time = 1_795_478_400_000_000;

    private static readonly FleetRequest Request = SimulatedFleet.Request with { RebootEvery = TimeSpan.FromHours(1), Processes = 2, Veths = 3, Seed = ulong.MaxValue };

    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "ledger");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_again_by_host_and_time()
    {
        SimulatedRecord second = Record(1, Time + 10, 5);
        Write(ledger =>
        {
            ledger.WriteAcknowledged(second, partition: 2, offset: 17);
            ledger.WriteUnacknowledged(Record(0, Time + 20, 6), "not acknowledged when the run ended");
            ledger.WriteAcknowledged(Record(1, Time, 7), partition: 0, offset: long.MaxValue);
            ledger.WriteEnd(new SimulationCounters());
        });

        LedgerFile ledger = LedgerFile.Read(Path);

        Assert.True(ledger.IsWhole);
        Assert.Equal(2, ledger.RecordsAcknowledged);
        Assert.Equal(
            [(0, -1, -1L, Time + 20, 6), (1, 0, long.MaxValue, Time, 7), (1, 2, 17L, Time + 10, 5)],
            ledger.Entries.Select(entry => (entry.Host, entry.Partition, entry.Offset, entry.Frame.TimeMicros, entry.Frame.Points)));
        Assert.Equal(second.Frames[0], ledger.Entries[2].Frame);
        Assert.Equal("metrics", ledger.Header.Topic);
        Assert.Equal(Request, ledger.Header.Request with { Mix = Request.Mix });
        Assert.Equal("vm=1", ledger.Header.Request.Mix.ToString());
        Assert.Equal(Request.Hosts, ledger.Hosts.Length);
    }

    [Fact]
    public void Every_line_is_json_as_the_documentation_shows_it()
    {
        Write(ledger =>
        {
            ledger.WriteAcknowledged(Record(0, Time, 5), partition: 2, offset: 17);
            ledger.WriteEnd(new SimulationCounters { Records = 1, RecordsAcknowledged = 1, Frames = 1, Points = 5 });
        });

        string[] lines = File.ReadAllLines(Path);
        Assert.Equal(1, JsonDocument.Parse(lines[0]).RootElement.GetProperty("ledger").GetInt32());
        Assert.Equal($$"""{"host":"sim-vm-00000","partition":2,"offset":17,"frames":[[{{Time}},5,"00000000000000000000000000000005"]]}""", lines[1]);
        Assert.Equal("""{"end":{"records":1,"acknowledged":1,"frames":1,"points":5}}""", lines[2]);
    }

    [Fact]
    public void A_ledger_that_was_cut_off_is_read_as_far_as_it_goes()
    {
        Write(ledger =>
        {
            ledger.WriteAcknowledged(Record(0, Time, 5), partition: 0, offset: 0);
            ledger.WriteAcknowledged(Record(1, Time, 6), partition: 0, offset: 1);
            ledger.Flush();
        });
        byte[] whole = File.ReadAllBytes(Path);
        for (int cut = 1; cut < 60; cut++)
        {
            File.WriteAllBytes(Path, whole[..^cut]);
            LedgerFile ledger = LedgerFile.Read(Path);
            Assert.False(ledger.IsWhole);
            Assert.Equal(cut == 1 ? 2 : 1, ledger.Entries.Count);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("junk")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"ledger":2}""")]
    [InlineData("""{"ledger":1}""")]
    [InlineData("""{"ledger":"1"}""")]
    public void What_is_no_ledger_is_refused(string content)
    {
        File.WriteAllText(Path, content);

        UserException error = Assert.Throws<UserException>(() => LedgerFile.Read(Path));
        Assert.Contains($"{Path}, line 1: this is no ledger", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_none_is_refused_with_its_number()
    {
        Write(ledger => ledger.Flush());
        File.AppendAllText(Path, "{\"host\":\"somebody\",\"frames\":[]}\n{}\n");

        UserException error = Assert.Throws<UserException>(() => LedgerFile.Read(Path));
        Assert.Contains($"{Path}, line 2:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_is_never_written_over()
    {
        Write(ledger => ledger.Flush());

        UserException error = Assert.Throws<UserException>(() => new LedgerWriter(Path));
        Assert.Contains("exists already", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be made", Assert.Throws<UserException>(() => new LedgerWriter("/nowhere/ledger")).Message, StringComparison.Ordinal);
    }

    private static SimulatedRecord Record(int host, long time, int points) =>
        new(SimulatedHost.IdentityOf(Request, HostShapes.All[0], host).Name, [1, 2, 3], [new LedgerFrame(time, points, new FrameDigest((UInt128)points))]);

    private void Write(Action<LedgerWriter> write)
    {
        using var ledger = new LedgerWriter(Path);
        ledger.WriteHeader(new LedgerHeader("1.2.3", "metrics", Request with { Mix = ShapeMix.Parse("--shapes", "vm") }));
        write(ledger);
    }
}
