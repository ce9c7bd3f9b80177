namespace Hostwire.Sink;

/// <summary>Something that has a row in a dictionary of the database: a host, a metric, a series or a layout.</summary>
internal abstract class DictionaryEntry(byte[] identity)
{
    /// <summary>SHA-256 of what it is; unique in its table.</summary>
    public byte[] Identity { get; } = identity;

    /// <summary>Its number in this database; 0 until a committed transaction is known to hold it.</summary>
    public int Id { get; private set; }

    /// <summary>Whether its number is known.</summary>
    public bool IsKnown => Id != 0;

    /// <summary>Takes the number over, once the transaction that made or found it is committed: a number that was rolled back would mislabel data.</summary>
    public void Know(int id) => Id = id;
}
