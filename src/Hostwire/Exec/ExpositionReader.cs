using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace Hostwire.Exec;

/// <summary>Reads Prometheus' text format, and OpenMetrics', line by line off the bytes; never throws, allocates nothing.</summary>
/// <remarks>
/// Names may have dots, dashes and slashes besides what Prometheus allows, since OpenTelemetry's have; any other name may stand in quotes inside the
/// braces, as Prometheus 3 writes it: <c>{"my name", label="value"} 1</c>. Timestamps and exemplars are checked and left aside.
/// </remarks>
internal ref struct ExpositionReader(ReadOnlySpan<byte> text)
{
    /// <summary>The longest line that is read; longer ones are bad.</summary>
    public const int LineBytesMax = 16 * 1024;

    /// <summary>The longest name of a metric.</summary>
    public const int NameBytesMax = 255;

    private static readonly SearchValues<byte> NameStart = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:"u8);
    private static readonly SearchValues<byte> NamePart = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-/"u8);
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t"u8);

    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Number of the line that was read last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>What that line is.</summary>
    public ExpositionLineKind Kind { get; private set; }

    /// <summary>Name of the metric or, of a type or unit, of the family; without quotes, escapes as they stand.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>What stands between the braces of a sample, for <see cref="LabelReader"/>; empty where there are none.</summary>
    public ReadOnlySpan<byte> Labels { get; private set; }

    /// <summary>Name and labels of a sample as they stand: the same bytes are the same series.</summary>
    public ReadOnlySpan<byte> Series { get; private set; }

    /// <summary>Value of a sample.</summary>
    public double Value { get; private set; }

    /// <summary>The type or unit.</summary>
    public ReadOnlySpan<byte> Word { get; private set; }

    /// <summary>What is wrong with a bad line, in words that go on after "line 3"; else empty.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Goes on to the next line that is not empty and no comment; false at the end.</summary>
    public bool TryRead()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            LineNumber++;
            if (line.EndsWith("\r"u8))
            {
                line = line[..^1];
            }

            line = line.Trim(" \t"u8);
            if (!line.IsEmpty && Read(line))
            {
                return true;
            }
        }

        return false;
    }

    // False where the line is a comment.
    private bool Read(ReadOnlySpan<byte> line)
    {
        Clear();
        if (line[0] == (byte)'#')
        {
            return ReadComment(line[1..]);
        }

        Problem = line.Length > LineBytesMax ? "is too long" : !Utf8.IsValid(line) ? "is not UTF-8" : ReadSample(line);
        Kind = Problem.Length == 0 ? ExpositionLineKind.Sample : ExpositionLineKind.Bad;
        return true;
    }

    private void Clear()
    {
        Name = Labels = Series = Word = default;
        Value = 0;
        Problem = "";
    }

    private bool ReadComment(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> keyword = TakeWord(ref line);
        if (!keyword.SequenceEqual("TYPE"u8) && !keyword.SequenceEqual("UNIT"u8))
        {
            return false;
        }

        Kind = keyword[0] == (byte)'T' ? ExpositionLineKind.Type : ExpositionLineKind.Unit;
        bool isQuoted = line.TrimStart(" \t"u8).StartsWith("\""u8);
        if (isQuoted)
        {
            line = line.TrimStart(" \t"u8);
            int end = EndOfQuoted(line);
            Name = end < 0 ? default : line[1..(end - 1)];
            line = end < 0 ? default : line[end..];
        }
        else
        {
            Name = TakeWord(ref line);
        }

        Word = TakeWord(ref line);
        if (Name.IsEmpty || Name.Length > NameBytesMax || (Word.IsEmpty && Kind == ExpositionLineKind.Type) || Word.Length > NameBytesMax || !Utf8.IsValid(Name) || !Utf8.IsValid(Word))
        {
            Problem = Kind == ExpositionLineKind.Type ? "is no # TYPE NAME KIND" : "is no # UNIT NAME UNIT";
            Kind = ExpositionLineKind.Bad;
        }

        return true;
    }

    private string ReadSample(ReadOnlySpan<byte> line)
    {
        int at = 0;
        if (NameStart.Contains(line[0]))
        {
            at = line.IndexOfAnyExcept(NamePart);
            at = at < 0 ? line.Length : at;
            Name = line[..at];
        }
        else if (line[0] != (byte)'{')
        {
            return "does not begin with the name of a metric";
        }

        int brace = at + (line[at..].IndexOfAnyExcept(Blanks) is >= 0 and int blanks ? blanks : 0);
        if (brace < line.Length && line[brace] == (byte)'{')
        {
            if (ReadLabels(line[(brace + 1)..], out int length) is { Length: > 0 } problem)
            {
                return problem;
            }

            Labels = line.Slice(brace + 1, length);
            at = brace + length + 2;
        }

        if (Name.IsEmpty)
        {
            return "has no name of a metric";
        }

        Series = line[..at];
        return Name.Length > NameBytesMax ? "has a name that is too long" : ReadValue(line[at..], isAfterBrace: at > brace);
    }

    private string ReadLabels(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        var labels = new LabelReader(text);
        while (labels.TryRead())
        {
            if (labels.IsName)
            {
                if (!Name.IsEmpty)
                {
                    return "has two names";
                }

                Name = labels.Value;
            }
        }

        length = labels.Position;
        return labels.Problem.Length == 0 && length == text.Length ? "has braces that are not closed" : labels.Problem;
    }

    private string ReadValue(ReadOnlySpan<byte> rest, bool isAfterBrace)
    {
        if (!isAfterBrace && !rest.IsEmpty && !Blanks.Contains(rest[0]))
        {
            return "has a character in its name that must stand in quotes";
        }

        ReadOnlySpan<byte> value = TakeWord(ref rest);
        if (value.IsEmpty)
        {
            return "has no value";
        }

        if (!TryParseNumber(value, out double number))
        {
            return "has a value that is no number";
        }

        Value = number;
        ReadOnlySpan<byte> time = TakeWord(ref rest);
        if (!time.IsEmpty && time[0] != (byte)'#')
        {
            if (!TryParseNumber(time, out _))
            {
                return "has something behind its value that is no time";
            }

            time = TakeWord(ref rest);
        }

        return time.IsEmpty || time[0] == (byte)'#' ? "" : "has something behind its time";
    }

    /// <summary>A number as Go writes it: NaN and infinities too.</summary>
    private static bool TryParseNumber(ReadOnlySpan<byte> word, out double number)
    {
        ReadOnlySpan<byte> unsigned = word[0] is (byte)'+' or (byte)'-' ? word[1..] : word;
        if (IsWord(unsigned, "inf"u8) || IsWord(unsigned, "infinity"u8))
        {
            number = word[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (IsWord(word, "nan"u8))
        {
            number = double.NaN;
            return true;
        }

        // The parser knows words of its own; a number has a digit or a dot here.
        number = 0;
        return !unsigned.IsEmpty && (unsigned[0] == (byte)'.' || char.IsAsciiDigit((char)unsigned[0]))
            && Utf8Parser.TryParse(word, out number, out int length) && length == word.Length;
    }

    private static bool IsWord(ReadOnlySpan<byte> word, ReadOnlySpan<byte> lower)
    {
        if (word.Length != lower.Length)
        {
            return false;
        }

        for (int index = 0; index < word.Length; index++)
        {
            if ((word[index] | 0x20) != lower[index])
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlySpan<byte> TakeWord(scoped ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t"u8);
        int end = line.IndexOfAny(Blanks);
        ReadOnlySpan<byte> word = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[end..];
        return word;
    }

    /// <summary>Where a text in quotes that begins here ends, behind the closing quote; negative where it does not.</summary>
    internal static int EndOfQuoted(ReadOnlySpan<byte> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] == (byte)'\\')
            {
                at++;
            }
            else if (text[at] == (byte)'"')
            {
                return at + 1;
            }
        }

        return -1;
    }
}
