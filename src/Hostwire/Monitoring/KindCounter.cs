using System.Runtime.CompilerServices;
using Hostwire.Diagnostics;

namespace Hostwire.Monitoring;

/// <summary>Counts events by their kind. For any thread; counting allocates nothing.</summary>
/// <typeparam name="T">An enumeration whose members are 0, 1, 2 and so on.</typeparam>
public sealed class KindCounter<T>
    where T : struct, Enum
{
    private static readonly string[] Names = [.. Enum.GetNames<T>().Select(LogField.Name)];

    private readonly long[] _counts = new long[Names.Length];

    /// <summary>How many there were of one kind.</summary>
    public long this[T kind] => Interlocked.Read(ref _counts[Index(kind)]);

    /// <summary>How many there were of all kinds.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            for (int index = 0; index < _counts.Length; index++)
            {
                total += Interlocked.Read(ref _counts[index]);
            }

            return total;
        }
    }

    /// <summary>Counts.</summary>
    public void Count(T kind, long events = 1) => Interlocked.Add(ref _counts[Index(kind)], events);

    /// <summary>Hands the counts over, those that are 0 too, each under its kind in snake case.</summary>
    internal void Read(ISelfReadings to)
    {
        for (int index = 0; index < _counts.Length; index++)
        {
            to.Add(Interlocked.Read(ref _counts[index]), Names[index]);
        }
    }

    private static int Index(T kind) => Unsafe.As<T, int>(ref kind);
}
