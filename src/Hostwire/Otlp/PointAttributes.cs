using System.Runtime.CompilerServices;

namespace Hostwire.Otlp;

/// <summary>The attributes of the point at hand, while its fields are being read: where they begin, and whether they stand side by side.</summary>
internal struct PointAttributes(int firstAttribute, int position)
{
    private ByteRange _bytes = new(position, 0);
    private bool _isContiguous = true;

    /// <summary>Index of the first in the decoded record.</summary>
    public readonly int Start => firstAttribute;

    /// <summary>The bytes of all their fields; empty where other fields stand between them.</summary>
    public readonly ByteRange Bytes => _isContiguous ? _bytes : default;

    /// <summary>Reads an attribute whose field, tag included, begins at <paramref name="field"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(ref WireReader reader, DecodedRecord into, int field)
    {
        ReadAttribute(ref reader, into);
        _isContiguous &= _bytes.Length == 0 || _bytes.End == field;
        int start = _bytes.Length == 0 ? field : _bytes.Start;
        _bytes = new ByteRange(start, reader.Position - start);
    }

    /// <summary>Reads an attribute of a resource or a point; fails where the record has too many of them.</summary>
    public static void ReadAttribute(ref WireReader reader, DecodedRecord into)
    {
        if (into.AttributeCount == OtlpDecoder.MaxAttributes)
        {
            reader.Fail(DecodeError.TooManyAttributes, reader.Position);
        }

        into.Add(KeyValueParser.Read(ref reader));
    }
}
