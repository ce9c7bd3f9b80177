namespace Hostwire.EndToEnd.Query;

/// <summary>Something that people ask, in two wordings. Both give the same rows; the last column is a <c>float8</c>, the others are texts.</summary>
/// <param name="Name">The question, in a few words.</param>
/// <param name="Key">Its name for programs.</param>
/// <param name="Ours">Asked of our views and functions.</param>
/// <param name="Narrow">Asked of the narrow table.</param>
/// <param name="AsksForValues">Whether it asks for values: without them any key is all that has to be read.</param>
internal sealed record Question(string Name, string Key, string Ours, string Narrow, bool AsksForValues = true);
