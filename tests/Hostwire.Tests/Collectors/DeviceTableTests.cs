using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

public sealed class DeviceTableTests
{
    private readonly DeviceTable<string> _table = new(name => $"made for {name}");

    [Fact]
    public void Keeps_what_was_made_for_a_device_as_long_as_every_pass_sees_it()
    {
        string? first = Pass("eth0");
        Assert.Equal("made for eth0", first);
        Assert.Same(first, Pass("eth0"));
    }

    [Fact]
    public void Three_hundred_devices_that_come_and_go_leave_nothing_behind()
    {
        for (int i = 0; i < 300; i++)
        {
            Pass("eth0", $"veth{i}");
            Assert.Equal(2, _table.Count);
        }

        Pass("eth0");
        Assert.Equal(1, _table.Count);
    }

    [Fact]
    public void A_device_is_seen_once_a_pass()
    {
        _table.BeginPass();
        Assert.NotNull(_table.See("eth0"u8));
        Assert.Null(_table.See("eth0"u8));
    }

    [Fact]
    public void A_pass_that_broke_off_forgets_nothing()
    {
        Pass("eth0", "eth1");
        _table.BeginPass();
        _table.See("eth0"u8);
        _table.BeginPass();
        Assert.Equal(2, _table.Count);
    }

    private string? Pass(params string[] names)
    {
        _table.BeginPass();
        string? kept = null;
        foreach (string name in names)
        {
            kept = _table.See(System.Text.Encoding.UTF8.GetBytes(name));
        }

        _table.EndPass();
        return kept;
    }
}
