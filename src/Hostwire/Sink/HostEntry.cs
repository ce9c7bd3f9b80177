namespace Hostwire.Sink;

/// <summary>A host.</summary>
/// <remarks>
/// Several senders may speak of one host, each with attributes of its own (our agent, a Collector, programs): so they are merged, and each stands as it was
/// last seen. What is no longer sent stays; nobody can tell an attribute that was taken away from one that another sender has.
/// </remarks>
/// <param name="identity">See <see cref="Sink.Identity.OfHost"/>.</param>
/// <param name="name">Its name, as PostgreSQL takes it.</param>
internal sealed class HostEntry(byte[] identity, string name) : DictionaryEntry(identity)
{
    private static readonly TimeSpan UpdateEvery = TimeSpan.FromMinutes(1);

    private readonly AttributeSet _attributes = new();
    private string? _lastSeen;
    private long? _updatedAt;

    public string Name { get; } = name;

    /// <summary>Its attributes as JSON.</summary>
    public string AttributesJson { get; private set; } = "{}";

    /// <summary>Whether its attributes are others than those that were stored last.</summary>
    public bool HasNewAttributes { get; private set; }

    /// <summary>The highest slot up to which a committed transaction is known to hold all of the host's slots; that it holds 0 comes with its number.</summary>
    public short HighestSlot { get; set; }

    /// <summary>Takes over what a resource says of the host.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="json">The same as JSON: almost always what was seen last, which is told by this at no cost.</param>
    public void See(AttributeSet attributes, string json)
    {
        if (string.Equals(json, _lastSeen, StringComparison.Ordinal))
        {
            return;
        }

        _lastSeen = json;
        if (_attributes.Merge(attributes))
        {
            AttributesJson = _attributes.ToJson();
            HasNewAttributes = true;
        }
    }

    /// <summary>Whether its row is to be updated now. Two programs on one host may differ about one of its attributes for ever, which must not write the row with every batch.</summary>
    public bool IsUpdateDue(TimeProvider time) => HasNewAttributes && (_updatedAt is not { } at || time.GetElapsedTime(at) >= UpdateEvery);

    /// <summary>Its attributes are in the database as they are here, by a transaction that is committed.</summary>
    /// <param name="updatedAt">The clock's timestamp, where its row was there before and had others; null where it was looked up.</param>
    public void AttributesStored(long? updatedAt)
    {
        HasNewAttributes = false;
        _updatedAt = updatedAt;
    }
}
