using System.Text;
using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class ProcessStatTests
{
    [Theory]
    [InlineData("983 (bash) S 982 983 983 0 -1 4194560 9125 616174 0 626 7 10 7335 2517 20 0 1 0 5830 5619712 1037 18446744073709551615 1 2\n", "bash", 983, false, 7, 10, 5830, 1037)]
    [InlineData("31338 (pg) S 1) D 1 31338 31338 0 -1 4194560 1201 0 3 0 11 7 0 0 20 0 1 0 1034 12345344 801", "pg) S 1", 31338, false, 11, 7, 1034, 801)]
    [InlineData("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0 20 0 1 0 16 0 0 18446744073709551615", "kthreadd", 2, true, 0, 1, 16, 0)]
    [InlineData("7 () R 1 1 1 34816 7 0 0 0 0 0 1 2 0 0 -51 -20 1 0 3 0 4 5", "", 7, false, 1, 2, 3, 4)]
    public void Reads_what_a_process_uses(string line, string name, int pid, bool isKernelThread, ulong user, ulong system, ulong start, ulong pages)
    {
        Assert.True(ProcessStat.TryParse(Encoding.UTF8.GetBytes(line), out ReadOnlySpan<byte> bytes, out ProcessStat stat));
        Assert.Equal(name, Encoding.UTF8.GetString(bytes));
        Assert.Equal(
            new ProcessStat { Pid = pid, IsKernelThread = isKernelThread, UserTicks = user, SystemTicks = system, StartTicks = start, ResidentPages = pages },
            stat);
    }

    [Theory]
    [InlineData("")]
    [InlineData("983 bash S 982")]
    [InlineData("x (bash) S 982 983 983 0 -1 4194560 9125 616174 0 626 7 10 7335 2517 20 0 1 0 5830 5619712 1037")]
    [InlineData("983 (bash) S 982 983 983 0 -1 4194560 9125 616174 0 626 7 10 7335 2517 20 0 1 0 5830 5619712")]
    [InlineData("983 (bash) S 982 983 983 0 -1 4194560 9125 616174 0 626 x 10 7335 2517 20 0 1 0 5830 5619712 1037")]
    [InlineData(") (")]
    public void Refuses_what_is_cut_off_or_something_else(string line) => Assert.False(ProcessStat.TryParse(Encoding.UTF8.GetBytes(line), out _, out _));
}
