using System.Globalization;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Install;

/// <summary>
/// An empty Debian that has booted: its own files, processes and systemd, and the network of this machine, so that it reaches the tests' servers on
/// loopback. Everything in it is gone at the end.
/// </summary>
internal sealed class DebianSystem : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _machine;
    private readonly int _firstProcess;

    private DebianSystem(TestDirectory directory, ChildProcess machine, int firstProcess)
    {
        _directory = directory;
        _machine = machine;
        _firstProcess = firstProcess;
    }

    /// <summary>Boots one; skips the test where that cannot be had.</summary>
    public static async Task<DebianSystem> BootAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "An empty Debian is made and booted by root only.");
        Assert.SkipUnless(
            Packages.IsInstalled("mmdebstrap") && Packages.IsInstalled("systemd-nspawn"),
            "mmdebstrap and systemd-nspawn make and boot an empty Debian (Debian: apt-get install mmdebstrap systemd-container), and are not installed.");
        string tarball = await TarballAsync();
        var directory = new TestDirectory("debian");
        Directory.CreateDirectory(directory["root"]);
        await ChildProcess.RunAsync("tar", ["-xpf", tarball, "-C", directory["root"], "--numeric-owner"]);

        // In namespaces of its own, with a fresh hierarchy of control groups and a fresh /run: so it needs no systemd on this machine, leaves nothing behind, and
        // dies whole with the process that made them, also when the tests are killed.
        const string boot = """
            mount -t cgroup2 none /sys/fs/cgroup && mount -t tmpfs tmpfs /run &&
            exec systemd-nspawn --quiet --register=no --keep-unit --kill-signal=SIGKILL --directory="$1" --console=pipe --boot systemd.unit=multi-user.target
            """;
        ChildProcess machine = await ChildProcess.StartAsync("unshare", ["--fork", "--kill-child", "--pid", "--mount-proc", "--mount", "--cgroup", "--propagation", "private", "--", "sh", "-c", boot, "boot", directory["root"]]);
        int firstProcess = 0;
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult((firstProcess = FirstProcessOf(machine.Id)) != 0), "the system to start", default, machine);
            var system = new DebianSystem(directory, machine, firstProcess);
            await Eventually.TrueAsync(
                async () => (await system.TryRunAsync("systemctl", "is-system-running")).StandardOutput.Trim() is "running" or "degraded", "systemd to be up", default, machine);
            return system;
        }
        catch (TimeoutException)
        {
            await machine.DisposeAsync();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>The path on this machine of a file in it.</summary>
    public string this[string path] => _directory[$"root{path}"];

    /// <summary>Runs a program in it, as root; its exit code counts.</summary>
    /// <returns>What it wrote to stdout.</returns>
    public async Task<string> RunAsync(params string[] command)
    {
        RunResult result = await TryRunAsync(command);
        return result.ExitCode == 0 ? result.StandardOutput : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {result.ExitCode}.\n{result.StandardOutput}\n{result.StandardError}");
    }

    /// <summary>Runs a program in it, as root.</summary>
    public async Task<RunResult> TryRunAsync(params string[] command)
    {
        string[] enter = ["--target", _firstProcess.ToString(CultureInfo.InvariantCulture), "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd", "--"];
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" };
        await using ChildProcess child = await ChildProcess.StartAsync("nsenter", [.. enter, .. command], environment);
        int exitCode = await child.WaitForExitAsync();
        return new RunResult(exitCode, child.StandardOutput, child.StandardError);
    }

    /// <summary>One property of a unit, as <c>systemctl show</c> has it.</summary>
    public async Task<string> PropertyAsync(string unit, string property) => (await RunAsync("systemctl", "show", "--value", "--property", property, unit)).Trim();

    /// <summary>What a unit has written to the journal.</summary>
    public Task<string> JournalAsync(string unit) => RunAsync("journalctl", "--no-pager", "--output", "cat", "--unit", unit);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{_firstProcess}")), "the system to be gone");
        _directory.Dispose();
    }

    private static async Task<string> TarballAsync()
    {
        await using ChildProcess make = await ChildProcess.StartAsync(Repository.PathOf("scripts/get-debian.sh"), [Repository.PathOf("artifacts/debian")]);
        int exitCode = await make.WaitForExitAsync(TimeSpan.FromMinutes(15));
        Assert.SkipUnless(exitCode == 0, $"No empty Debian can be made here: {make.StandardError.Trim().Split('\n')[^1]}");
        return make.StandardOutput.Trim();
    }

    // unshare has one child, systemd-nspawn, and that one the system's first process; it is that once it runs systemd.
    private static int FirstProcessOf(int machine) =>
        ChildOf(machine) is int nspawn && ChildOf(nspawn) is int first && NameOf(first) is "systemd" ? first : 0;

    private static int? ChildOf(int process)
    {
        string children = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children");
        return File.Exists(children) && File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [string child, ..] ? int.Parse(child, CultureInfo.InvariantCulture) : null;
    }

    private static string NameOf(int process)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm");
        return File.Exists(name) ? File.ReadAllText(name).Trim() : "";
    }
}
