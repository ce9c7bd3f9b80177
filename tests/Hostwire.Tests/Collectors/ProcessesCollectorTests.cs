using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ProcessesCollectorTests
{
    [Fact]
    public void A_small_vm_has_processes_that_sleep_and_threads_of_the_kernel_that_are_idle()
    {
        Dictionary<string, double> values = Reading.Of(new ProcessesCollector(HostFixture.Paths("small-vm")));

        Assert.Equal(8, values.Count);
        Assert.Equal(65658, values["system.processes.created"]);
        Assert.Equal(14, values["system.processes.count{status=sleeping}"]);
        Assert.Equal(5, values["system.processes.count{status=idle}"]);

        // From the kernel's own counters: the two that ran were the ones who copied the files.
        Assert.Equal(2, values["system.processes.count{status=running}"]);
        Assert.Equal(0, values["system.processes.count{status=blocked}"]);
        Assert.Equal(0, values["system.processes.count{status=stopped}"]);
        Assert.Equal(0, values["system.processes.count{status=zombies}"]);
        Assert.Equal(0, values["system.processes.count{status=unknown}"]);
    }

    [Fact]
    public void Every_state_is_found_behind_whatever_name_a_process_gave_itself()
    {
        using var host = new HostTree("big-128");
        host.Write("proc/stat", host.Read("proc/stat").Replace("procs_running 37", "procs_running 1", StringComparison.Ordinal));
        Dictionary<string, double> values = Reading.Of(new ProcessesCollector(host.Paths));

        Assert.Equal(48211937, values["system.processes.created"]);
        Assert.Equal(1, values["system.processes.count{status=running}"]);
        Assert.Equal(3, values["system.processes.count{status=blocked}"]);
        Assert.Equal(7, values["system.processes.count{status=sleeping}"]);
        Assert.Equal(3, values["system.processes.count{status=idle}"]);
        Assert.Equal(2, values["system.processes.count{status=stopped}"]);
        Assert.Equal(3, values["system.processes.count{status=zombies}"]);

        // Five are in state D, and the kernel says that three of them wait for a disk: of 21 processes 19 are told.
        Assert.Equal(2, values["system.processes.count{status=unknown}"]);
    }

    [Fact]
    public void Threads_that_run_may_outnumber_the_processes_and_then_nothing_is_unknown()
    {
        Dictionary<string, double> values = Reading.Of(new ProcessesCollector(HostFixture.Paths("big-128")));

        Assert.Equal(37, values["system.processes.count{status=running}"]);
        Assert.Equal(0, values["system.processes.count{status=unknown}"]);
    }

    [Fact]
    public void Processes_come_and_go_and_one_that_ended_meanwhile_is_not_counted()
    {
        using var host = new HostTree("container");
        var collector = new ProcessesCollector(host.Paths);
        Assert.Equal(2, Reading.Of(collector)["system.processes.count{status=sleeping}"]);

        host.Write("proc/58/stat", "58 (sleep) S 1 58 58 0 -1 0\n");
        host.Write("proc/59/stat", "59 (odd) X 1 59 59 0 -1 0\n");
        host.Write("proc/60/stat", "60 (cut");
        host.Write("proc/61/status", "State: S\n");
        host.Write("proc/62/stat", "");
        host.Write("proc/acpi/stat", "63 (not a process) S\n");
        Dictionary<string, double> values = Reading.Of(collector);
        Assert.Equal(3, values["system.processes.count{status=sleeping}"]);
        Assert.Equal(1, values["system.processes.count{status=unknown}"]);

        host.Remove("proc/58");
        host.Remove("proc/7");
        Assert.Equal(1, Reading.Of(collector)["system.processes.count{status=sleeping}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("processes 4242\nprocs_running 1\n")]
    [InlineData("processes 4242\nprocs_running 1\nprocs_blocked 1")]
    public void A_file_that_was_cut_off_is_refused_by_name(string content)
    {
        using var host = new HostTree("container");
        host.Write("proc/stat", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Reading.Of(new ProcessesCollector(host.Paths)));

        Assert.StartsWith($"{host.Paths.Procfs}/stat ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_proc_is_an_error_that_names_it_and_is_read_once_it_is_there()
    {
        using var host = new HostTree("container");
        host.Remove("proc");
        var collector = new ProcessesCollector(host.Paths);
        IOException error = Assert.Throws<IOException>(() => Reading.Of(collector));
        Assert.StartsWith($"{host.Paths.Procfs} cannot be read: ", error.Message, StringComparison.Ordinal);

        host.Write("proc/stat", "processes 5\nprocs_running 1\nprocs_blocked 0\n");
        host.Write("proc/1/stat", "1 (init) S 0\n");
        Assert.Equal(1, Reading.Of(collector)["system.processes.count{status=sleeping}"]);
    }
}
