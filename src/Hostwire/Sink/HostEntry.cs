namespace Hostwire.Sink;

/// <summary>A host.</summary>
/// <param name="identity">See <see cref="Sink.Identity.OfHost"/>.</param>
/// <param name="name">Its name, as PostgreSQL takes it.</param>
/// <param name="attributesJson">Its <c>host.*</c>, <c>os.*</c> and <c>cloud.*</c> attributes as JSON.</param>
internal sealed class HostEntry(byte[] identity, string name, string attributesJson) : DictionaryEntry(identity)
{
    public string Name { get; } = name;

    public string AttributesJson { get; } = attributesJson;
}
