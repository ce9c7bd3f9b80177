namespace Hostwire.IntegrationTests.Rig;

/// <summary>Libraries in C that tests load into a process (<c>LD_PRELOAD</c>), to see or to change what it asks of the system.</summary>
internal static class PreloadedLibrary
{
    /// <summary>Makes one of <c>Faults/Agents</c>.</summary>
    /// <param name="source">Its file there, such as durable.c.</param>
    /// <param name="library">The file to make.</param>
    public static async Task MakeAsync(string source, string library)
    {
        // The compiler that links the native binary.
        string compiler = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "gcc"))) ? "gcc" : "clang";
        await ChildProcess.RunAsync(compiler, ["-shared", "-fPIC", "-O1", "-o", library, Repository.PathOf($"tests/Hostwire.IntegrationTests/Faults/Agents/{source}")]);
    }
}
