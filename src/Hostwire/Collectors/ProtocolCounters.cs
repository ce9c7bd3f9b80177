using System.Text;

namespace Hostwire.Collectors;

/// <summary>Picks numbers out of <c>/proc/net/snmp</c> and <c>netstat</c>: pairs of lines, one of names and one of values, both headed by the protocol. Reused from reading to reading.</summary>
/// <param name="names">What is wanted, as protocol and name with a colon between: <c>Tcp:RetransSegs</c>.</param>
internal sealed class ProtocolCounters(params string[] names)
{
    private readonly byte[][] _protocols = [.. names.Select(name => Encoding.UTF8.GetBytes(name[..(name.IndexOf(':', StringComparison.Ordinal) + 1)]))];
    private readonly byte[][] _names = [.. names.Select(name => Encoding.UTF8.GetBytes(name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..]))];
    private readonly ulong?[] _values = new ulong?[names.Length];

    /// <summary>The number of the name at this place in the constructor's list; null where the file parsed last does not have it.</summary>
    public ulong? this[int index] => _values[index];

    /// <summary>Forgets the last file and takes the numbers from this one.</summary>
    /// <returns>False where a line of names has no line of values after it, of the same protocol and length.</returns>
    public bool TryParse(ReadOnlySpan<byte> content)
    {
        Array.Clear(_values);
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> headings))
        {
            if (!KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> values) || !TryParse(headings, values))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> headings, ReadOnlySpan<byte> values)
    {
        ReadOnlySpan<byte> protocol = KernelText.TakeField(ref headings);
        if (!protocol.EndsWith(":"u8) || !KernelText.TakeField(ref values).SequenceEqual(protocol))
        {
            return false;
        }

        // Most protocols are of no interest, and their lines have a hundred names.
        if (!IsWanted(protocol))
        {
            return true;
        }

        for (ReadOnlySpan<byte> name = KernelText.TakeField(ref headings); !name.IsEmpty; name = KernelText.TakeField(ref headings))
        {
            ReadOnlySpan<byte> value = KernelText.TakeField(ref values);
            if (value.IsEmpty)
            {
                return false;
            }

            Take(protocol, name, value);
        }

        return true;
    }

    private bool IsWanted(ReadOnlySpan<byte> protocol)
    {
        foreach (byte[] wanted in _protocols)
        {
            if (protocol.SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }

    private void Take(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (int index = 0; index < _names.Length; index++)
        {
            // A value may be negative (MaxConn is -1 for "no limit"); none of those that are asked for is.
            if (name.SequenceEqual(_names[index]) && protocol.SequenceEqual(_protocols[index]) && KernelText.TryTakeNumber(ref value, out ulong number))
            {
                _values[index] = number;
                return;
            }
        }
    }
}
