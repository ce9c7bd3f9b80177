using System.Text;

namespace Hostwire.Sink;

/// <summary>Names for hosts that did not say theirs.</summary>
internal static class HostNames
{
    /// <summary>The host of all records that name none. Rates refuse it, since it may mix machines.</summary>
    public const string Unknown = "unknown";

    private const int KeyLengthMax = 255;

    /// <summary>What of a record's key decides on the name: of one that is too long, that it is.</summary>
    public static ReadOnlySpan<byte> SignificantOf(ReadOnlySpan<byte> key) => key[..int.Min(key.Length, KeyLengthMax + 1)];

    /// <summary>A record's key as a name: where it is UTF-8 of up to 255 bytes without control characters, else null.</summary>
    public static string? FromKey(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > KeyLengthMax || !System.Text.Unicode.Utf8.IsValid(key))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(key);
        return text.Any(char.IsControl) ? null : text;
    }
}
