using System.Buffers.Binary;
using CsCheck;
using Hostwire.Collectors;

namespace Hostwire.Tests.Fuzz;

/// <summary>The kernel's answer with its TCP sockets: as many of each state as a plain reading of <c>netlink(7)</c> finds before the end, or before what is no answer.</summary>
internal sealed class TcpDiagnosticsTarget : FuzzTarget
{
    private const int HeaderBytes = 16;

    protected override byte[][] Originals { get; } = [Answer(), [.. Message(20, 2, 1), .. Message(20, 10, 1), .. Message(20, 2, 10)], Message(2, 0, 0)];

    public override void Check(byte[] input)
    {
        long[] counts = new long[TcpState.Names.Length];
        bool? isDone = Bounded(input, () => TcpDiagnostics.Count(input, counts));
        (bool? expected, List<int> states) = Read(input);
        Assert.Equal(expected, isDone);
        Assert.Equal(Enumerable.Range(0, counts.Length).Select(code => (long)states.Count(state => state == code)), counts);
    }

    // Messages of some length, type and state, now and then with a length that is not theirs.
    protected override byte[] Other(PCG random)
    {
        var bytes = new List<byte>();
        for (uint count = random.Next(6); count > 0; count--)
        {
            byte[] message = Message((ushort)(random.Next(8) == 0 ? random.Next(4) : 20), (byte)random.Next(12), (byte)random.Next(14), 1 + (int)random.Next(79));
            if (random.Next(6) == 0)
            {
                BinaryPrimitives.WriteInt32LittleEndian(message, random.Next(2) == 0 ? (int)random.Next(100) : (int)random.Next(uint.MaxValue));
            }

            bytes.AddRange(message);
            bytes.AddRange(new byte[random.Next(4) == 0 ? random.Next(4) : -message.Length & 3]);
        }

        return [.. bytes];
    }

    private static (bool? IsDone, List<int> States) Read(byte[] input)
    {
        var states = new List<int>();
        long at = 0;
        while (at < input.Length)
        {
            if (input.Length - at < HeaderBytes)
            {
                return (null, states);
            }

            int type = input[at + 4] | (input[at + 5] << 8);
            long length = BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan((int)at));
            if (type == 3)
            {
                return (true, states);
            }

            if (type == 2 || length < HeaderBytes + 2 || at + length > input.Length || input[at + HeaderBytes + 1] is < 1 or > 11)
            {
                return (null, states);
            }

            states.Add(input[at + HeaderBytes + 1]);
            // Each begins at a multiple of four.
            at += (length + 3) / 4 * 4;
        }

        return (false, states);
    }

    private static byte[] Answer() => [.. Message(20, 2, 1), .. Message(20, 10, 10), .. Message(3, 0, 0)];

    private static byte[] Message(ushort type, byte family, byte state, int contentBytes = 72)
    {
        byte[] message = new byte[HeaderBytes + contentBytes];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        ((ReadOnlySpan<byte>)[family, state]).Slice(0, int.Min(2, contentBytes)).CopyTo(message.AsSpan(HeaderBytes));
        return message;
    }
}
