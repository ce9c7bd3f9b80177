using System.Xml.Linq;

namespace Hostwire.Parts;

/// <summary>A package whose code is in the program or beside it.</summary>
/// <param name="Name">Its name at NuGet.</param>
/// <param name="Version">Its version.</param>
/// <param name="License">Its licence as SPDX names it; empty where the package has a text of its own instead.</param>
/// <param name="Copyright">Whose it is, as the package says.</param>
/// <param name="Project">The project's page.</param>
/// <param name="Folder">Where the package is unpacked.</param>
/// <param name="Needs">The packages that it depends on, by name; some of them bring no code.</param>
public sealed record Part(string Name, string Version, string License, string Copyright, string Project, string Folder, IReadOnlyList<string> Needs)
{
    /// <summary>What scanners know it by.</summary>
    public string Url => $"pkg:nuget/{Uri.EscapeDataString(Name)}@{Uri.EscapeDataString(Version)}";

    /// <summary>SHA-512 of the package's file, in hexadecimal digits.</summary>
    public string Sha512 => Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(Directory.GetFiles(Folder, "*.nupkg.sha512").Single())));

    /// <summary>Reads what the package says of itself.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="folder">Where it is unpacked, with its <c>.nuspec</c>.</param>
    /// <param name="needs">The packages that it depends on.</param>
    public static Part Read(string name, string version, string folder, IReadOnlyList<string> needs)
    {
        XElement metadata = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(element => element.Name.LocalName is "metadata");
        XElement? license = Find("license");
        return new Part(
            name,
            version,
            (string?)license?.Attribute("type") is "expression" ? license.Value : "",
            Find("copyright")?.Value ?? Find("authors")?.Value ?? "",
            Find("projectUrl")?.Value ?? (string?)Find("repository")?.Attribute("url") ?? "",
            folder,
            needs);

        XElement? Find(string local) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == local);
    }
}
