using Hostwire.Sink;

namespace Hostwire.Tests.Sink;

/// <summary>Numbers for what a batch does not know yet, as a database gives them: by identity, since a cache may forget its entries at any time.</summary>
internal sealed class DictionaryNumbers
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>How many were given.</summary>
    public int Count => _numbers.Count;

    /// <summary>Numbers all that is unknown.</summary>
    public void Number(FrameBatch batch)
    {
        foreach (DictionaryEntry entry in batch.Unknown)
        {
            string identity = Convert.ToHexString(entry.Identity);
            if (!_numbers.TryGetValue(identity, out int number))
            {
                _numbers.Add(identity, number = _numbers.Count + 1);
            }

            entry.Know(number);
        }
    }
}
