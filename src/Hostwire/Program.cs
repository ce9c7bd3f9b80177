using System.CommandLine;

namespace Hostwire;

/// <summary>The table of verbs.</summary>
public static class Program
{
    /// <summary>Runs one verb and returns its exit code.</summary>
    public static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Operating-system metrics through Kafka into PostgreSQL, every sample exactly once.");
        return root.Parse(args).InvokeAsync();
    }
}
