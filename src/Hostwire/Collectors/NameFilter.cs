namespace Hostwire.Collectors;

/// <summary>Which devices of a kind are wanted, by their names: those that a pattern of <paramref name="include"/> takes, where there is any, and none of <paramref name="exclude"/> does.</summary>
/// <remarks>Asked once for each device, when it is first seen, so it need not be quick.</remarks>
public sealed class NameFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    /// <summary>Takes every name.</summary>
    public static NameFilter All { get; } = new([], []);

    /// <summary>Whether it says which names are wanted, and not only which are not.</summary>
    public bool IsSelective => include.Count > 0;

    /// <summary>Whether a device of this name is wanted.</summary>
    public bool Takes(string name) => (include.Count == 0 || IsOneOf(include, name)) && !IsOneOf(exclude, name);

    private static bool IsOneOf(IReadOnlyList<string> patterns, string name) => patterns.Any(pattern => NamePattern.Matches(pattern, name));
}
