using System.Diagnostics.CodeAnalysis;

namespace Hostwire.Store.Roles;

/// <summary>What the four roles of a schema are called. Roles belong to the whole server, so two databases on one server may need two sets.</summary>
/// <param name="Owner">Owns the schema and all that is in it: <c>hostwire db migrate</c>.</param>
/// <param name="Sink">Adds rows: <c>hostwire sink</c>.</param>
/// <param name="Reader">Reads: people, dashboards.</param>
/// <param name="Maintenance">Calls the functions that remove what may go: <c>hostwire db maintain</c>.</param>
public sealed record RoleNames(string Owner, string Sink, string Reader, string Maintenance)
{
    /// <summary>What the names begin with where nothing else is said.</summary>
    public const string UsualPrefix = "hostwire";

    // PostgreSQL cuts names at 63 bytes; the longest ending is "_maintenance".
    private const int PrefixLengthMax = 50;

    /// <summary>All four, the owner first.</summary>
    public IReadOnlyList<string> All => [Owner, Sink, Reader, Maintenance];

    /// <summary>Names that begin with this prefix; false where it would need quotes, is too long, or is reserved.</summary>
    public static bool TryMake(string prefix, [NotNullWhen(true)] out RoleNames? names)
    {
        bool fits = prefix.Length is > 0 and <= PrefixLengthMax
            && !char.IsAsciiDigit(prefix[0])
            && !prefix.StartsWith("pg_", StringComparison.Ordinal)
            && prefix.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_');
        names = fits ? new($"{prefix}_owner", $"{prefix}_sink", $"{prefix}_reader", $"{prefix}_maintenance") : null;
        return fits;
    }

    /// <summary>The SQL with these names in place of the usual ones.</summary>
    public string Name(string sql) => sql
        .Replace("hostwire_owner", Owner, StringComparison.Ordinal)
        .Replace("hostwire_sink", Sink, StringComparison.Ordinal)
        .Replace("hostwire_reader", Reader, StringComparison.Ordinal)
        .Replace("hostwire_maintenance", Maintenance, StringComparison.Ordinal);
}
