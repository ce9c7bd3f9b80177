using System.Text;

namespace Hostwire.Collectors;

/// <summary>Picks numbers by name out of a file whose lines begin with a name and a number: <c>/proc/meminfo</c>, <c>/proc/vmstat</c>, the end of <c>/proc/stat</c>.</summary>
/// <remarks>A name may end in a colon; a number followed by <c>kB</c> is in KiB and is given in bytes. Reused from reading to reading.</remarks>
internal sealed class NamedNumbers(params string[] names)
{
    private readonly byte[][] _names = [.. names.Select(Encoding.UTF8.GetBytes)];
    private readonly long?[] _values = new long?[names.Length];

    /// <summary>The number of the name at this place in the constructor's list; null where the file parsed last does not have it.</summary>
    public long? this[int index] => _values[index];

    /// <summary>Forgets the last file and takes the numbers from this one. Lines of other forms and other names are passed over.</summary>
    public void Parse(ReadOnlySpan<byte> content)
    {
        Array.Clear(_values);

        // The kernel ends every line. A last line without an end was cut off, and half a number is worse than none.
        content = content[..(content.LastIndexOf((byte)'\n') + 1)];
        while (KernelText.TryTakeLine(ref content, out ReadOnlySpan<byte> line))
        {
            int index = IndexOf(KernelText.TakeField(ref line).TrimEnd((byte)':'));
            if (index >= 0 && KernelText.TryTakeNumber(ref line, out ulong number))
            {
                // Counters beyond 2^63 do not occur in a machine's life; a wrap to below zero is what OTLP's signed number would make of them.
                long value = unchecked((long)number);
                _values[index] = KernelText.TakeField(ref line).SequenceEqual("kB"u8) ? value * 1024 : value;
            }
        }
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
