using Hostwire.Collectors;

namespace Hostwire.Tests.Collectors;

/// <summary>A host of a test's own, whose files the test writes and changes.</summary>
internal sealed class TemporaryHost : IDisposable
{
    public TemporaryHost() => Paths = new HostPaths($"{Folder}/proc", $"{Folder}/sys", $"{Folder}/root");

    public string Folder { get; } = Directory.CreateTempSubdirectory("hostwire-host-").FullName;

    public HostPaths Paths { get; }

    /// <summary>Writes a file of the host, e.g. <c>proc/diskstats</c>, and the folders above it.</summary>
    public void Write(string name, string content)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
