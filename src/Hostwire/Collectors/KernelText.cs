using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Hostwire.Collectors;

/// <summary>Takes the kernel's text files apart: lines, fields, numbers, names. Works on the bytes and, names apart, allocates nothing.</summary>
internal static class KernelText
{
    /// <summary>Takes the next line, without its line feed, off the content; false at the end. A last line may lack the line feed.</summary>
    public static bool TryTakeLine(scoped ref ReadOnlySpan<byte> content, out ReadOnlySpan<byte> line)
    {
        if (content.IsEmpty)
        {
            line = default;
            return false;
        }

        int end = content.IndexOf((byte)'\n');
        line = end < 0 ? content : content[..end];
        content = end < 0 ? default : content[(end + 1)..];
        return true;
    }

    /// <summary>Takes the next field off a line whose fields stand apart by any number of spaces and tabs; empty at the end.</summary>
    public static ReadOnlySpan<byte> TakeField(scoped ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t"u8);
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> field = end < 0 ? line : line[..end];
        line = line[field.Length..];
        return field;
    }

    /// <summary>Takes what stands before the separator, and the separator, off the text; all of it where there is none.</summary>
    public static ReadOnlySpan<byte> TakeUntil(scoped ref ReadOnlySpan<byte> text, byte separator)
    {
        int end = text.IndexOf(separator);
        ReadOnlySpan<byte> taken = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return taken;
    }

    /// <summary>Takes a field that is a number, and nothing but a number, off a line.</summary>
    public static bool TryTakeNumber(scoped ref ReadOnlySpan<byte> line, out ulong number)
    {
        ReadOnlySpan<byte> field = TakeField(ref line);
        return Utf8Parser.TryParse(field, out number, out int length) && length == field.Length;
    }

    /// <summary>Splits <c>cpu MHz : 2445.426</c> into its name and its value; false where there is no colon.</summary>
    public static bool TrySplitAtColon(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int colon = line.IndexOf((byte)':');
        name = colon < 0 ? default : line[..colon].TrimEnd(" \t"u8);
        value = colon < 0 ? default : line[(colon + 1)..].Trim(" \t"u8);
        return colon >= 0;
    }

    /// <summary>Undoes the kernel's octal escapes of spaces, tabs, line feeds, <c>#</c> and backslashes in paths: <c>\040</c> is a space.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> escaped)
    {
        var bytes = new byte[escaped.Length];
        int length = 0;
        while (!escaped.IsEmpty)
        {
            bool isEscape = escaped is [(byte)'\\', >= (byte)'0' and <= (byte)'3', >= (byte)'0' and <= (byte)'7', >= (byte)'0' and <= (byte)'7', ..];
            bytes[length++] = isEscape
                ? (byte)(((escaped[1] - '0') << 6) | ((escaped[2] - '0') << 3) | (escaped[3] - '0'))
                : escaped[0];
            escaped = escaped[(isEscape ? 4 : 1)..];
        }

        return bytes[..length];
    }

    /// <summary>A name as text. Bytes that are not UTF-8, which Linux allows in names, become <c>\xff</c>, so that two names never become one.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            return Encoding.UTF8.GetString(name);
        }

        var text = new StringBuilder();
        while (!name.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            text.Append(isValid ? rune.ToString() : $"\\x{Convert.ToHexStringLower(name[..length])}");
            name = name[length..];
        }

        return text.ToString();
    }
}
