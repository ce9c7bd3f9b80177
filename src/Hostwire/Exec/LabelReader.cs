using System.Buffers;

namespace Hostwire.Exec;

/// <summary>Reads the labels of a sample, from behind the opening brace to the closing one; never throws, allocates nothing.</summary>
internal ref struct LabelReader(ReadOnlySpan<byte> text)
{
    /// <summary>How many labels a sample may have.</summary>
    public const int LabelsMax = 64;

    private static readonly SearchValues<byte> KeyPart = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-/"u8);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _count;

    /// <summary>How far it has read; at the end, where the closing brace stands.</summary>
    public int Position { get; private set; }

    /// <summary>The key; without quotes, escapes as they stand.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>The value; without quotes, escapes as they stand. Of a name, the name.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether this is no label but the metric's name, in quotes.</summary>
    public bool IsName { get; private set; }

    /// <summary>What is wrong, in words that go on after "line 3"; else empty.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Goes on to the next label; false at the closing brace, or where something is wrong. Also takes text that ends where the brace would stand.</summary>
    public bool TryRead()
    {
        SkipBlanks();
        if (IsAt((byte)'}') || Position == _text.Length)
        {
            // Without a closing brace the caller, who looks for one, has cut it off himself; a line that lacks it has no value behind it either.
            return false;
        }

        if (_count++ == LabelsMax)
        {
            return Fail("has too many labels");
        }

        bool isQuoted = IsAt((byte)'"');
        if (!TryTakeKey(isQuoted))
        {
            return false;
        }

        SkipBlanks();
        IsName = isQuoted && !IsAt((byte)'=');
        if (IsName)
        {
            Value = Key;
            Key = default;
        }
        else if (!TryTakeValue())
        {
            return false;
        }

        SkipBlanks();
        if (IsAt((byte)','))
        {
            Position++;
            return true;
        }

        return IsAt((byte)'}') || Position == _text.Length || Fail("has labels that are not separated by commas");
    }

    private bool TryTakeKey(bool isQuoted)
    {
        if (isQuoted)
        {
            return TryTakeQuoted(out ReadOnlySpan<byte> quoted) && SetKey(quoted);
        }

        ReadOnlySpan<byte> rest = _text[Position..];
        int length = rest.IndexOfAnyExcept(KeyPart);
        ReadOnlySpan<byte> key = length < 0 ? rest : rest[..length];
        if (key.IsEmpty || char.IsAsciiDigit((char)key[0]))
        {
            return Fail("has a label without a name");
        }

        Position += key.Length;
        return SetKey(key);
    }

    private bool SetKey(ReadOnlySpan<byte> key)
    {
        Key = key;
        return !key.IsEmpty || Fail("has a label without a name");
    }

    private bool TryTakeValue()
    {
        if (!IsAt((byte)'='))
        {
            return Fail("has a label without a value");
        }

        Position++;
        SkipBlanks();
        if (!IsAt((byte)'"'))
        {
            return Fail("has a label whose value is not in quotes");
        }

        bool taken = TryTakeQuoted(out ReadOnlySpan<byte> value);
        Value = value;
        return taken;
    }

    private bool TryTakeQuoted(out ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = _text[Position..];
        int end = ExpositionReader.EndOfQuoted(rest);
        text = end < 0 ? default : rest[1..(end - 1)];
        Position += Math.Max(0, end);
        return end >= 0 || Fail("has a quote that is not closed");
    }

    private void SkipBlanks()
    {
        while (IsAt((byte)' ') || IsAt((byte)'\t'))
        {
            Position++;
        }
    }

    private readonly bool IsAt(byte character) => Position < _text.Length && _text[Position] == character;

    private bool Fail(string problem)
    {
        Problem = problem;
        return false;
    }
}
