using System.Globalization;

namespace Hostwire.IntegrationTests.Rig;

/// <summary>A folder of this test run's own, gone at the end.</summary>
public sealed class TestDirectory : IDisposable
{
    private const string Prefix = "hostwire-tests-";

    /// <summary>Makes an empty one, readable by all so that a server under another user gets through, and removes what runs that were killed left behind.</summary>
    public TestDirectory(string name)
    {
        RemoveLeftovers();
        FullPath = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{name}-{Guid.NewGuid():n}"[..^24]);
        Directory.CreateDirectory(FullPath);
        File.SetUnixFileMode(FullPath, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>The path of a file in it.</summary>
    public string this[string file] => Path.Combine(FullPath, file);

    /// <summary>Writes a file into it; returns the file's path.</summary>
    public async Task<string> WriteAsync(string file, string content)
    {
        await File.WriteAllTextAsync(this[file], content);
        return this[file];
    }

    /// <summary>Removes it with all it holds.</summary>
    public void Dispose() => Remove(FullPath);

    private static void RemoveLeftovers()
    {
        foreach (string path in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            string id = Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(id, CultureInfo.InvariantCulture, out int pid) && !Directory.Exists($"/proc/{pid}"))
            {
                Remove(path);
            }
        }
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another run removes it at this moment, or a server killed a moment ago still writes: the next run tries again.
        }
    }
}
