using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Install;

/// <summary>Packages of the published binary, as <c>./build</c> makes them, but for compressing less.</summary>
internal static class Packages
{
    /// <summary>Packs the binary under a version.</summary>
    /// <param name="hostwire">What is packed.</param>
    /// <param name="version">As the build names it, e.g. <c>1.0.0-rc.1</c>.</param>
    /// <param name="output">The folder to put them into.</param>
    /// <returns>The paths of the tarball and of the Debian package.</returns>
    public static async Task<(string Tarball, string Package)> MakeAsync(PublishedBinary hostwire, string version, TestDirectory output)
    {
        Assert.SkipUnless(IsInstalled("dpkg-deb") && IsInstalled("readelf"), "dpkg-deb and readelf make packages (Debian: apt-get install dpkg binutils), and are not installed.");
        string program = Path.GetDirectoryName(await hostwire.PathAsync())!;
        string[] paths = (await ChildProcess.RunAsync(Repository.PathOf("scripts/package"), ["--quick", program, version, output.FullPath])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (paths[0], paths[1]);
    }

    /// <summary>Whether a program is on the path.</summary>
    public static bool IsInstalled(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
