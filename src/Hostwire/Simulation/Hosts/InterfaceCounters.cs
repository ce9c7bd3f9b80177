namespace Hostwire.Simulation.Hosts;

/// <summary>What a network interface has counted since it came up.</summary>
internal struct InterfaceCounters
{
    private const double PacketBytesMin = 150;
    private const double PacketBytesMax = 1300;

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    public long PacketsReceived { get; private set; }

    public long PacketsSent { get; private set; }

    public long ReceiveErrors { get; private set; }

    public long SendErrors { get; private set; }

    public long ReceiveDrops { get; private set; }

    public long SendDrops { get; private set; }

    /// <summary>Goes on by the time that has passed; <paramref name="bytesPerSecond"/> when the host is busy.</summary>
    public void Pass(in HostMoment moment, double bytesPerSecond)
    {
        SeededRandom random = moment.Random;
        double bytes = bytesPerSecond * moment.Seconds * moment.Activity;
        long received = random.Count(bytes * random.Between(0.5, 1.5));
        long sent = random.Count(bytes * random.Between(0.3, 1.8));
        BytesReceived += received;
        BytesSent += sent;
        long packetsReceived = random.Count(received / random.Between(PacketBytesMin, PacketBytesMax));
        PacketsReceived += packetsReceived;
        PacketsSent += random.Count(sent / random.Between(PacketBytesMin, PacketBytesMax));

        // Once in ten million; a card that nothing is wrong with shows none for years.
        ReceiveErrors += random.Count(packetsReceived * 1e-7);
        ReceiveDrops += random.Count(packetsReceived * 1e-6 * moment.Activity);
        SendDrops += random.Count(packetsReceived * 1e-8);
    }
}
