using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class PressureCollectorTests
{
    [Fact]
    public void Totals_are_in_seconds_and_averages_are_shares()
    {
        Dictionary<string, double> values = Reading.Of(new PressureCollector(HostFixture.Paths("big-128")));

        // The line "full" of the CPU, always 0, is left out; interrupts have no "some".
        Assert.Equal((1 + 2 + 2 + 1) * 4, values.Count);
        Assert.Equal(6102.947151, values["hostwire.pressure.stall.time{resource=cpu,type=some}"]);
        Assert.Equal(0.1225, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=10s}"]);
        Assert.Equal(0.115, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=60s}"]);
        Assert.Equal(0.1075, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=300s}"]);
        Assert.Equal(0.500002, values["hostwire.pressure.stall.time{resource=memory,type=full}"]);
        Assert.Equal(70.526586, values["hostwire.pressure.stall.time{resource=io,type=full}"]);
        Assert.Equal(16487.083525, values["hostwire.pressure.stall.time{resource=irq,type=full}"]);
    }

    [Fact]
    public void A_share_is_the_double_nearest_to_what_the_kernel_wrote()
    {
        using var host = new HostTree("big-128");
        host.Write("proc/pressure/cpu", "some avg10=64.93 avg60=0.07 avg300=99.99 total=1\n");
        Dictionary<string, double> values = Reading.Of(new PressureCollector(host.Paths));

        Assert.Equal(0.6493, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=10s}"]);
        Assert.Equal(0.0007, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=60s}"]);
        Assert.Equal(0.9999, values["hostwire.pressure.stall.share{resource=cpu,type=some,window=300s}"]);
    }

    [Fact]
    public void A_kernel_without_it_yields_nothing_and_fails_nothing() =>
        Assert.Empty(Reading.Of(new PressureCollector(HostFixture.Paths("container"))));

    [Fact]
    public void A_resource_that_the_kernel_does_not_account_for_is_left_out()
    {
        using var host = new HostTree("big-128");
        host.Remove("proc/pressure/irq");
        host.Remove("proc/pressure/io");

        Assert.Equal((1 + 2) * 4, Reading.Of(new PressureCollector(host.Paths)).Count);
    }

    [Fact]
    public void A_kernel_that_was_started_without_it_is_told_from_a_file_that_cannot_be_read()
    {
        Assert.True(PressureCollector.IsSwitchedOff(new IOException("outer", new IOException("Operation not supported", 95))));
        Assert.False(PressureCollector.IsSwitchedOff(new IOException("outer", new IOException("Input/output error", 5))));
        Assert.False(PressureCollector.IsSwitchedOff(new IOException("alone")));
    }

    [Theory]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=\n")]
    [InlineData("some avg10=0.00 avg60=0.00 total=1\n")]
    [InlineData("some avg10=0.00 avg60=nan avg300=0.00 total=1\n")]
    [InlineData("some avg10=0.00 avg60=0.00x avg300=0.00 total=1\n")]
    [InlineData("nonsense\n")]
    public void A_line_of_another_form_is_an_error_that_names_the_file(string content)
    {
        using var host = new TemporaryHost();
        host.Write("proc/pressure/io", content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(new PressureCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/pressure/io ", error.Message, StringComparison.Ordinal);
    }
}
