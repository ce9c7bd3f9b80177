using Hostwire.Agent;
using Hostwire.Collectors;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Metrics;

namespace Hostwire.Tests.Agent;

public sealed class HostIdentityReaderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hostwire-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Name_and_id_are_the_kernels_and_the_machines()
    {
        Write("proc/sys/kernel/hostname", "web-1\n");
        Write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        Assert.Equal(new HostIdentity("web-1", "0123456789abcdef0123456789abcdef"), HostIdentityReader.Read(Options()));
    }

    [Fact]
    public void Settings_go_before_what_the_machine_says()
    {
        Write("proc/sys/kernel/hostname", "web-1\n");
        Write("etc/machine-id", "0123\n");
        Assert.Equal(new HostIdentity("shop", "42"), HostIdentityReader.Read(Options() with { HostName = "shop", HostId = "42" }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("\n")]
    [InlineData("uninitialized\n")]
    public void Machine_without_an_id_of_its_own_has_none(string? content)
    {
        Write("proc/sys/kernel/hostname", "web-1\n");
        if (content is not null)
        {
            Write("etc/machine-id", content);
        }

        Assert.Equal(new HostIdentity("web-1", null), HostIdentityReader.Read(Options()));
    }

    [Fact]
    public void Host_without_a_name_is_an_error_that_names_the_setting()
    {
        UserException error = Assert.Throws<UserException>(() => HostIdentityReader.Read(Options()));
        Assert.Contains("agent.host_name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_time_is_the_boot_time_of_proc_stat()
    {
        Write("proc/stat", "cpu  1 2 3\nintr 5\nctxt 7\nbtime 1764064800\nprocesses 9\n");
        Assert.Equal(1764064800_000_000_000, HostIdentityReader.ReadStartTimeUnixNano(new HostPaths($"{_root}/proc"), new FakeClock()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cpu  1 2 3\n")]
    [InlineData("btime soon\n")]
    public void Start_time_that_is_not_said_is_now(string? content)
    {
        if (content is not null)
        {
            Write("proc/stat", content);
        }

        var now = new FakeClock(DateTimeOffset.UnixEpoch.AddSeconds(5));
        Assert.Equal(5_000_000_000, HostIdentityReader.ReadStartTimeUnixNano(new HostPaths($"{_root}/proc"), now));
    }

    private AgentOptions Options() => new() { Procfs = $"{_root}/proc", Rootfs = _root };

    private void Write(string path, string content)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }
}
