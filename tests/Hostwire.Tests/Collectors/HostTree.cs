using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

/// <summary>A copy of one of the hosts under <c>fixtures/hosts</c>, for a test that changes its files; gone with the test.</summary>
internal sealed class HostTree : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hostwire-host-").FullName;

    public HostTree(string fixture)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "fixtures", "hosts", fixture);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_root, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Paths = new HostPaths($"{_root}/proc", $"{_root}/sys", $"{_root}/root");
    }

    /// <summary>Where collectors find the copy.</summary>
    public HostPaths Paths { get; }

    /// <summary>What a file holds, e.g. <c>proc/stat</c>.</summary>
    public string Read(string file) => File.ReadAllText(Path.Combine(_root, file));

    /// <summary>Writes a file anew, in place, so that whoever has it open reads what is new.</summary>
    public void Write(string file, string content)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Takes a file or a folder away.</summary>
    public void Remove(string name)
    {
        string path = Path.Combine(_root, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
