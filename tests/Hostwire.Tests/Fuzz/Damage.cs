using CsCheck;

namespace Hostwire.Tests.Fuzz;

/// <summary>Damages bytes at random: bits turned, stretches cut out, doubled or taken from elsewhere, telling bytes and words put in, the end missing.</summary>
internal static class Damage
{
    private static readonly byte[] TellingBytes = [0x00, 0x01, 0x04, 0x07, 0x7F, 0x80, 0xFF];

    private static readonly byte[][] Words =
    [
        [.. "-"u8], [.. "."u8], [.. "NaN"u8], [.. "1e999"u8], [.. "18446744073709551616"u8], [.. "-9223372036854775809"u8], [.. "0x"u8], [.. "\""u8], [.. "\\"u8], [.. "\\ud800"u8],
        [.. "{"u8], [.. "}"u8], [.. "["u8], [.. "]"u8], [.. ","u8], [.. ":"u8], [.. "="u8], [.. "%"u8], [.. "@"u8], [.. "/"u8], [.. " "u8], [.. "\t"u8], [.. "\n"u8], [.. "\r\n"u8], [.. "#"u8],
        [.. "null"u8], [.. "true"u8], [.. "\0"u8], [0xC3], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
    ];

    /// <summary>Damages once to three times.</summary>
    public static byte[] Some(byte[] input, PCG random)
    {
        for (uint damages = 1 + random.Next(3); damages > 0 && input.Length > 0; damages--)
        {
            input = Once(input, random);
        }

        return input;
    }

    /// <summary>Words put together without a plan.</summary>
    public static byte[] Soup(byte[][] more, PCG random)
    {
        var soup = new List<byte>();
        for (uint count = random.Next(30); count > 0; count--)
        {
            uint word = random.Next((uint)(Words.Length + (4 * more.Length)));
            soup.AddRange(word < Words.Length ? Words[word] : Piece(more[(word - Words.Length) % more.Length], random));
        }

        return [.. soup];
    }

    private static byte[] Once(byte[] input, PCG random)
    {
        int at = (int)random.Next((uint)input.Length);
        int length = Math.Min(1 + (int)random.Next(random.Next(2) == 0 ? 3U : 40U), input.Length - at);
        byte[] copy = [.. input];
        switch (random.Next(8))
        {
            case 0:
                copy[at] ^= (byte)(1 << (int)random.Next(8));
                return copy;
            case 1:
                copy[at] = TellingBytes[random.Next((uint)TellingBytes.Length)];
                return copy;
            case 2:
                return [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];
            case 3:
                return [.. input.AsSpan(0, at + length), .. input.AsSpan(at)];
            case 4:
                // A length that became five or ten bytes, a number without end.
                return [.. input.AsSpan(0, at), .. Enumerable.Repeat((byte)0xFF, (int)random.Next(12)), .. input.AsSpan(at)];
            case 5:
                return [.. input.AsSpan(0, at), .. Words[random.Next((uint)Words.Length)], .. input.AsSpan(at)];
            case 6:
                int from = (int)random.Next((uint)(input.Length - length + 1));
                input.AsSpan(from, length).CopyTo(copy.AsSpan(at));
                return copy;
            default:
                return input[..at];
        }
    }

    private static byte[] Piece(byte[] of, PCG random)
    {
        int at = (int)random.Next((uint)of.Length + 1);
        return of[at..Math.Min(of.Length, at + (int)random.Next(24))];
    }
}
