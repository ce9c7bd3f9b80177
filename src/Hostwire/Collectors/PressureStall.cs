using System.Buffers.Text;

namespace Hostwire.Collectors;

/// <summary>A line of <c>/proc/pressure/*</c>: how long tasks have waited for a resource.</summary>
internal readonly record struct PressureStall
{
    /// <summary>Share of the last 10 s in percent, 0 to 100.</summary>
    public required double Percent10 { get; init; }

    /// <summary>Share of the last 60 s in percent, 0 to 100.</summary>
    public required double Percent60 { get; init; }

    /// <summary>Share of the last 300 s in percent, 0 to 100.</summary>
    public required double Percent300 { get; init; }

    /// <summary>All of it since the start, in microseconds.</summary>
    public required ulong TotalMicroseconds { get; init; }

    /// <summary>Reads <c>some avg10=0.03 avg60=0.81 avg300=1.97 total=155059498</c>; <paramref name="type"/> is <c>some</c> or <c>full</c>.</summary>
    /// <returns>False where the line is not of that form.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> type, out PressureStall stall)
    {
        type = KernelText.TakeField(ref line);
        double percent60 = 0;
        double percent300 = 0;
        ulong total = 0;
        bool parsed = TryTakePercent(ref line, "avg10="u8, out double percent10)
            && TryTakePercent(ref line, "avg60="u8, out percent60)
            && TryTakePercent(ref line, "avg300="u8, out percent300)
            && TryTakeValue(ref line, "total="u8, out ReadOnlySpan<byte> value)
            && KernelText.TryTakeNumber(ref value, out total);
        stall = new PressureStall { Percent10 = percent10, Percent60 = percent60, Percent300 = percent300, TotalMicroseconds = total };
        return parsed;
    }

    private static bool TryTakePercent(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out double percent)
    {
        percent = 0;
        return TryTakeValue(ref line, name, out ReadOnlySpan<byte> value)
            && Utf8Parser.TryParse(value, out percent, out int length)
            && length == value.Length
            && double.IsFinite(percent);
    }

    private static bool TryTakeValue(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> field = KernelText.TakeField(ref line);
        bool isNamed = field.StartsWith(name);
        value = isNamed ? field[name.Length..] : default;
        return isNamed;
    }
}
