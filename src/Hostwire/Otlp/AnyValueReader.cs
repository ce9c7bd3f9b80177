namespace Hostwire.Otlp;

/// <summary>Reads the value of an attribute that <see cref="OtlpDecoder"/> has decoded. Allocates nothing.</summary>
/// <remarks>Arrays and lists may nest; the decoder has refused more than 100 messages inside each other, so a recursive reader is safe.</remarks>
public readonly ref struct AnyValueReader
{
    private readonly AnyValueFields _fields;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ulong _bits;
    private readonly int _listStart;

    /// <summary>A reader of the value of one attribute of <paramref name="record"/>.</summary>
    public AnyValueReader(ReadOnlySpan<byte> record, scoped in DecodedAttribute attribute)
        : this(new AnyValueFields(record, attribute.Value, attribute.IsSplit))
    {
    }

    internal AnyValueReader(AnyValueFields fields)
    {
        _fields = fields;
        while (fields.Next(out uint tag))
        {
            // Only one can be given, so the last one counts. A list in pieces is one list, unless something else was given in between.
            AnyValueKind kind = KindOf(tag);
            switch (kind)
            {
                case AnyValueKind.String or AnyValueKind.Bytes:
                    _bytes = fields.ReadBytes();
                    break;
                case AnyValueKind.Bool or AnyValueKind.Int:
                    _bits = fields.ReadVarint();
                    break;
                case AnyValueKind.Double:
                    _bits = fields.ReadFixed64();
                    break;
                case AnyValueKind.Array or AnyValueKind.KeyValueList:
                    _listStart = kind == Kind ? _listStart : fields.Position;
                    fields.Skip(tag);
                    break;
                default:
                    fields.Skip(tag);
                    if (tag != OtlpTag.AnyValueStringIndex)
                    {
                        // An unknown field says nothing about the value.
                        continue;
                    }

                    break;
            }

            Kind = kind;
        }
    }

    /// <summary>What the value is, and so which of the other properties has a meaning.</summary>
    public AnyValueKind Kind { get; }

    /// <summary>The UTF-8 of a string, or the bytes of bytes.</summary>
    public ReadOnlySpan<byte> Bytes => Kind is AnyValueKind.String or AnyValueKind.Bytes ? _bytes : default;

    /// <summary>The value of a bool.</summary>
    public bool Bool => Kind == AnyValueKind.Bool && _bits != 0;

    /// <summary>The value of an int.</summary>
    public long Int => Kind == AnyValueKind.Int ? (long)_bits : 0;

    /// <summary>The value of a double, bit by bit as sent.</summary>
    public double Double => Kind == AnyValueKind.Double ? BitConverter.UInt64BitsToDouble(_bits) : 0;

    /// <summary>The items of an array or a key-value list, for <c>foreach</c>; none for other kinds.</summary>
    public AnyValueItems Items => new(_fields, Kind, _listStart);

    private static AnyValueKind KindOf(uint tag) => tag switch
    {
        OtlpTag.AnyValueString => AnyValueKind.String,
        OtlpTag.AnyValueBool => AnyValueKind.Bool,
        OtlpTag.AnyValueInt => AnyValueKind.Int,
        OtlpTag.AnyValueDouble => AnyValueKind.Double,
        OtlpTag.AnyValueArray => AnyValueKind.Array,
        OtlpTag.AnyValueKvlist => AnyValueKind.KeyValueList,
        OtlpTag.AnyValueBytes => AnyValueKind.Bytes,
        _ => AnyValueKind.Empty,
    };
}
