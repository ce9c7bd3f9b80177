namespace Hostwire.Otlp;

/// <summary>The items of an array or a key-value list, for <c>foreach</c>.</summary>
public ref struct AnyValueItems
{
    private readonly AnyValueKind _kind;
    private readonly int _listStart;
    private AnyValueFields _fields;
    private WireReader _list;
    private DecodedAttribute _current;

    internal AnyValueItems(AnyValueFields fields, AnyValueKind kind, int listStart)
    {
        _fields = fields;
        _kind = kind;
        _listStart = listStart;
    }

    /// <summary>The item at hand.</summary>
    public readonly AnyValueItems Current => this;

    /// <summary>The key of the item, UTF-8; empty in arrays.</summary>
    public readonly ReadOnlySpan<byte> Key => _current.Key.In(_fields.Record);

    /// <summary>The value of the item.</summary>
    public readonly AnyValueReader Value => new(_fields.Record, _current);

    /// <summary>Itself.</summary>
    public readonly AnyValueItems GetEnumerator() => this;

    /// <summary>Goes to the next item; false behind the last one.</summary>
    public bool MoveNext()
    {
        do
        {
            while (_list.Next(out uint tag))
            {
                if (tag == OtlpTag.ListValues)
                {
                    _current = _kind == AnyValueKind.KeyValueList
                        ? KeyValueParser.Read(ref _list)
                        : new DecodedAttribute(default, _list.ReadBytes(), IsSplit: false);
                    return true;
                }

                _list.Skip(tag);
            }
        }
        while (NextList());
        return false;
    }

    private bool NextList()
    {
        uint listTag = _kind switch
        {
            AnyValueKind.Array => OtlpTag.AnyValueArray,
            AnyValueKind.KeyValueList => OtlpTag.AnyValueKvlist,
            _ => 0,
        };
        while (listTag != 0 && _fields.Next(out uint tag))
        {
            if (tag == listTag && _fields.Position >= _listStart)
            {
                _list = new WireReader(_fields.Record, _fields.ReadRange());
                return true;
            }

            _fields.Skip(tag);
        }

        return false;
    }
}
