using System.Globalization;

namespace Hostwire.Parts;

/// <summary>Says what a build of hostwire is made of, for its packages. A tool of the build, never shipped.</summary>
public static class Program
{
    /// <summary>
    /// <c>notices ASSETS LICENSES</c>: the licences of all parts, as text, on stdout. <c>sbom ASSETS LIBRDKAFKA VERSION UNIX-TIME</c>: the bill of materials.
    /// </summary>
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["notices", string assets, string licenses]:
                Notices.Write(AssetsFile.Read(assets), licenses, Console.Out);
                return 0;
            case ["sbom", string assets, string librdkafka, string version, string time]:
                Console.Out.Write(Sbom.Text(AssetsFile.Read(assets), LinkedOpenSsl.Version(librdkafka), version, DateTimeOffset.FromUnixTimeSeconds(long.Parse(time, CultureInfo.InvariantCulture))));
                return 0;
            default:
                Console.Error.WriteLine("Usage: Hostwire.Parts notices hostwire.assets.json FOLDER-OF-LICENSES\n       Hostwire.Parts sbom hostwire.assets.json librdkafka.so VERSION UNIX-TIME");
                return 2;
        }
    }
}
