namespace Hostwire.Otlp;

/// <summary>What an attribute's value is.</summary>
public enum AnyValueKind
{
    /// <summary>No value was given (or an index into a table of strings, which only profiles have). OTLP allows this.</summary>
    Empty,

    /// <summary>UTF-8 text.</summary>
    String,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A whole number of 64 bits.</summary>
    Int,

    /// <summary>A double.</summary>
    Double,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>A list of keys with values; keys may repeat.</summary>
    KeyValueList,

    /// <summary>Bytes of any meaning.</summary>
    Bytes,
}
