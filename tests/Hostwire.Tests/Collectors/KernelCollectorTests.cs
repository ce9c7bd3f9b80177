using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class KernelCollectorTests
{
    [Fact]
    public void An_older_kernel_has_file_handles_their_limit_and_entropy_that_can_run_out() =>
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["hostwire.file_handles.usage"] = 2112,
                ["hostwire.file_handles.limit"] = 1620322,
                ["hostwire.entropy.available"] = 3051,
            },
            Reading.Of(new KernelCollector(HostFixture.Paths("container"))));

    [Fact]
    public void A_pool_of_256_bits_never_runs_out_and_the_greatest_number_is_no_limit() =>
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal) { ["hostwire.file_handles.usage"] = 48640 },
            Reading.Of(new KernelCollector(HostFixture.Paths("big-128"))));

    [Fact]
    public void A_host_that_hides_all_of_it_yields_nothing_and_fails_nothing()
    {
        using var host = new TemporaryHost();
        Assert.Empty(Reading.Of(new KernelCollector(host.Paths)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1148\t0\n")]
    [InlineData("1148\t2000\t5000\n")]
    [InlineData("many\t0\t5\n")]
    public void File_handles_of_another_form_are_an_error_that_names_the_file(string content)
    {
        using var host = new TemporaryHost();
        host.Write("proc/sys/fs/file-nr", content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Points(new KernelCollector(host.Paths)));
        Assert.StartsWith($"{host.Paths.Procfs}/sys/fs/file-nr ", error.Message, StringComparison.Ordinal);
    }
}
