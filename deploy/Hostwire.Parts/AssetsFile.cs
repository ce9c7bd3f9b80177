using System.Text.Json.Nodes;

namespace Hostwire.Parts;

/// <summary>NuGet's <c>project.assets.json</c> of a published build for one system: which packages it took, and what of them.</summary>
public static class AssetsFile
{
    private const string RuntimePack = "Microsoft.NETCore.App.Runtime.NativeAOT.";

    /// <summary>The packages that brought code into the program or a library beside it, and the .NET runtime, sorted by name.</summary>
    /// <exception cref="InvalidDataException">The file is of another kind of build.</exception>
    public static IReadOnlyList<Part> Read(string path)
    {
        JsonObject assets = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        string folder = assets["packageFolders"]!.AsObject().First().Key;
        JsonObject target = assets["targets"]!.AsObject().FirstOrDefault(entry => entry.Key.Contains('/', StringComparison.Ordinal)).Value?.AsObject()
            ?? throw new InvalidDataException($"{path} is not of a native build: it names no system.");

        IEnumerable<(string Name, string Version)> packages = target
            .Where(entry => HasFiles(entry.Value!, "runtime") || HasFiles(entry.Value!, "native"))
            .Select(entry => entry.Key.Split('/'))
            .Select(key => (key[0], key[1]));
        return
        [
            .. packages.Append(Runtime(assets, path))
                .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
                .Select(package => Part.Read(
                    package.Name,
                    package.Version,
                    Path.Combine(folder, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant()),
                    Needs(target, $"{package.Name}/{package.Version}"))),
        ];
    }

    // A package may be there for the packages it names alone, such as SQLitePCLRaw.bundle_e_sqlite3: those count as needed by who needs it.
    private static string[] Needs(JsonObject target, string package)
    {
        var needs = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        Add(package);
        return [.. needs];

        void Add(string key)
        {
            foreach ((string name, _) in target[key]?["dependencies"]?.AsObject() ?? [])
            {
                string found = target.Select(entry => entry.Key).First(entry => entry.StartsWith($"{name}/", StringComparison.OrdinalIgnoreCase));
                if (needs.Add(name) && !HasFiles(target[found]!, "runtime") && !HasFiles(target[found]!, "native"))
                {
                    Add(found);
                }
            }
        }
    }

    private static bool HasFiles(JsonNode package, string kind) =>
        package[kind] is JsonObject files && files.Any(file => !file.Key.EndsWith("/_._", StringComparison.Ordinal));

    // The runtime comes as a pack that the SDK downloads, not as a dependency; its version is written as the range [V, V].
    private static (string Name, string Version) Runtime(JsonObject assets, string path)
    {
        JsonNode pack = assets["project"]!["frameworks"]!.AsObject()
            .SelectMany(framework => framework.Value!["downloadDependencies"]?.AsArray() ?? [])
            .FirstOrDefault(download => ((string)download!["name"]!).StartsWith(RuntimePack, StringComparison.Ordinal))
            ?? throw new InvalidDataException($"{path} is not of a native build: it names no runtime.");
        return ((string)pack["name"]!, ((string)pack["version"]!).Trim('[', ']').Split(',')[0]);
    }
}
