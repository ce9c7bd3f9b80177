using Hostwire.Sink;
using static Hostwire.Tests.Sink.OtlpRecord;

namespace Hostwire.Tests.Sink;

public sealed class HostEntryTests
{
    private readonly HostEntry _host = new([1], "web-1");
    private readonly FakeClock _clock = new();

    [Fact]
    public void Attributes_of_all_senders_are_merged_and_each_stands_as_it_was_last_seen()
    {
        See(Attribute("host.name", "web-1"), Attribute("host.env", "test"));
        Assert.Equal("""{"host.env":"test","host.name":"web-1"}""", _host.AttributesJson);
        See(Attribute("host.name", "web-1"), Attribute("os.description", "Debian"));
        See(Attribute("host.env", "prod"));
        Assert.Equal("""{"host.env":"prod","host.name":"web-1","os.description":"Debian"}""", _host.AttributesJson);
    }

    [Fact]
    public void An_update_is_due_when_something_changed_and_not_when_it_was_seen_before()
    {
        See(Attribute("host.env", "test"), Attribute("host.role", "db"));
        _host.AttributesStored(updatedAt: null);
        See(Attribute("host.role", "db"));
        See(Attribute("host.role", "db"), Attribute("host.env", "test"));
        Assert.False(_host.IsUpdateDue(_clock));
        See(Attribute("host.env", "prod"));
        Assert.True(_host.IsUpdateDue(_clock));
        _host.AttributesStored(_clock.GetTimestamp());
        Assert.False(_host.IsUpdateDue(_clock));
    }

    [Fact]
    public void Senders_that_differ_for_ever_bring_one_update_a_minute()
    {
        See(Attribute("os.description", "a"));
        _host.AttributesStored(updatedAt: null);
        int updates = 0;
        for (int second = 0; second < 600; second++)
        {
            See(Attribute("os.description", second % 2 == 0 ? "b" : "a"));
            if (_host.IsUpdateDue(_clock))
            {
                updates++;
                _host.AttributesStored(_clock.GetTimestamp());
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, updates);
    }

    private void See(params byte[][] attributes)
    {
        AttributeSet set = Decoded.Attributes(attributes);
        _host.See(set, set.ToJson());
    }
}
