using System.Globalization;
using System.Reflection;

namespace Hostwire.Store;

/// <summary>The migrations this program carries: <c>Migrations/NNN_name.sql</c>, embedded.</summary>
public static class MigrationCatalogue
{
    private const string Folder = "Migrations/";

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<Migration> Load()
    {
        Assembly assembly = typeof(MigrationCatalogue).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Version)];
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        string file = Path.GetFileNameWithoutExtension(resource[Folder.Length..]);
        int underscore = file.IndexOf('_', StringComparison.Ordinal);
        return new Migration(int.Parse(file.AsSpan(0, underscore), NumberStyles.None, CultureInfo.InvariantCulture), file[(underscore + 1)..], reader.ReadToEnd());
    }
}
