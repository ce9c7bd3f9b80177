namespace Hostwire.Collectors;

/// <summary>What a collector keeps for each device (its series, mostly): made when the device is first seen, forgotten in the pass that no longer sees it.</summary>
/// <remarks>Without the forgetting a host whose containers bring and take a network interface each would grow for ever.</remarks>
/// <param name="make">Makes what is kept, given the device's name.</param>
/// <param name="filter">Which devices are wanted, asked when a device is first seen; null: all.</param>
internal sealed class DeviceTable<T>(Func<string, T> make, NameFilter? filter = null)
    where T : class
{
    private readonly Dictionary<byte[], Device> _devices = new(ByteStringComparer.Instance);
    private long _pass;
    private int _seen;

    /// <summary>How many devices are remembered, the unwanted ones too.</summary>
    public int Count => _devices.Count;

    /// <summary>Starts a pass: no device has been seen yet.</summary>
    public void BeginPass()
    {
        _pass++;
        _seen = 0;
    }

    /// <summary>What is kept for the device; null where it is not wanted, or this pass has seen it already.</summary>
    /// <remarks>The kernel may list a device twice when another one vanishes while it writes the list, and a scrape must hold a series only once.</remarks>
    public T? See(ReadOnlySpan<byte> name)
    {
        Dictionary<byte[], Device>.AlternateLookup<ReadOnlySpan<byte>> devices = _devices.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!devices.TryGetValue(name, out Device? device))
        {
            string text = KernelText.ToText(name);
            device = new Device(filter is null || filter.Takes(text) ? make(text) : null);
            devices[name] = device;
        }

        if (device.Pass == _pass)
        {
            return null;
        }

        device.Pass = _pass;
        _seen++;
        return device.Kept;
    }

    /// <summary>Ends a pass: forgets the devices that it has not seen.</summary>
    public void EndPass()
    {
        if (_seen == _devices.Count)
        {
            return;
        }

        foreach ((byte[] name, Device device) in _devices)
        {
            if (device.Pass != _pass)
            {
                _devices.Remove(name);
            }
        }
    }

    private sealed class Device(T? kept)
    {
        public T? Kept { get; } = kept;

        public long Pass { get; set; }
    }
}
