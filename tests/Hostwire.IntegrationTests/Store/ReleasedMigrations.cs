using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;

namespace Hostwire.IntegrationTests.Store;

/// <summary>The migrations of the last release, as its tag in git has them.</summary>
internal static class ReleasedMigrations
{
    private const string Folder = "src/Hostwire/Store/Migrations/";

    /// <summary>Those of the newest tag <c>v*</c> that this checkout stands on; null where there is none, or no git to ask.</summary>
    public static async Task<IReadOnlyList<Migration>?> LoadAsync()
    {
        if (!Directory.Exists(Repository.PathOf(".git")) || await GitAsync("describe", "--tags", "--abbrev=0", "--match", "v*") is not { } described)
        {
            return null;
        }

        string tag = described.Trim();
        var migrations = new List<Migration>();
        foreach (string file in (await GitAsync("ls-tree", "-r", "--name-only", tag, "--", Folder) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            migrations.Add(new Migration(int.Parse(name.AsSpan(0, 3), CultureInfo.InvariantCulture), name[4..], (await GitAsync("show", $"{tag}:{file}"))!));
        }

        return [.. migrations.OrderBy(migration => migration.Version)];
    }

    // Through a file: the text counts to the last byte, and a test's child process is read line by line.
    private static async Task<string?> GitAsync(params string[] arguments)
    {
        using var output = new TestDirectory("git");
        const string script = """out=$1; shift; git -C "$@" > "$out" """;
        await using ChildProcess git = await ChildProcess.StartAsync("sh", ["-c", script, "git", output["out"], Repository.Root, .. arguments]);
        return await git.WaitForExitAsync() == 0 ? await File.ReadAllTextAsync(output["out"]) : null;
    }
}
