namespace Hostwire.Parts;

/// <summary>Says what a build of hostwire is made of, for its packages. A tool of the build, never shipped.</summary>
public static class Program
{
    /// <summary><c>notices ASSETS LICENSES</c>: the licences of all parts, as text, on stdout.</summary>
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["notices", string assets, string licenses]:
                Notices.Write(AssetsFile.Read(assets), licenses, Console.Out);
                return 0;
            default:
                Console.Error.WriteLine("Usage: Hostwire.Parts notices hostwire.assets.json FOLDER-OF-LICENSES");
                return 2;
        }
    }
}
