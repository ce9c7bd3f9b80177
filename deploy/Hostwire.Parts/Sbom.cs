using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hostwire.Parts;

/// <summary>The bill of materials: which packages, and which OpenSSL, are in the program, as CycloneDX 1.6 in JSON, for scanners that look for known vulnerabilities.</summary>
/// <remarks>The same parts, version and date give the same text to the byte.</remarks>
public static class Sbom
{
    private const string Librdkafka = "librdkafka.redist";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes it.</summary>
    /// <param name="parts">What the program is made of.</param>
    /// <param name="openSsl">The version of the OpenSSL in librdkafka.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="made">When its sources were committed.</param>
    public static string Text(IReadOnlyList<Part> parts, string openSsl, string version, DateTimeOffset made)
    {
        string program = $"pkg:generic/hostwire@{Uri.EscapeDataString(version)}";
        HashSet<string> known = new(parts.Select(part => part.Name), StringComparer.OrdinalIgnoreCase);
        Dictionary<string, string> references = parts.ToDictionary(part => part.Name, part => part.Url, StringComparer.OrdinalIgnoreCase);
        IEnumerable<string> top = known.Except(parts.SelectMany(part => part.Needs), StringComparer.OrdinalIgnoreCase);
        var bill = new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{Identity(program, parts)}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = made.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = program,
                    ["name"] = "hostwire",
                    ["version"] = version,
                    ["licenses"] = Licenses("Apache-2.0"),
                    ["purl"] = program,
                },
            },
            ["components"] = new JsonArray([.. parts.Select(Component), OpenSsl(openSsl)]),
            ["dependencies"] = new JsonArray(
            [
                Dependency(program, top.Select(name => references[name])),
                .. parts.Select(part => Dependency(part.Url, part.Needs.Where(known.Contains).Select(name => references[name]).Concat(part.Name == Librdkafka ? [OpenSslUrl(openSsl)] : []))),
                Dependency(OpenSslUrl(openSsl), []),
            ]),
        };
        return bill.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Component(Part part) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = part.Url,
        ["name"] = part.Name,
        ["version"] = part.Version,
        ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = part.Sha512 }),
        ["licenses"] = Licenses(part.License),
        ["copyright"] = part.Copyright,
        ["purl"] = part.Url,
    };

    private static JsonObject OpenSsl(string version) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = OpenSslUrl(version),
        ["name"] = "openssl",
        ["version"] = version,
        ["licenses"] = Licenses("Apache-2.0"),
        ["cpe"] = $"cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*",
        ["purl"] = OpenSslUrl(version),
    };

    private static string OpenSslUrl(string version) => $"pkg:generic/openssl@{version}";

    // A package with a text of its own instead of a licence of a known name: the text is in the notices.
    private static JsonArray Licenses(string spdx) =>
        [new JsonObject { ["license"] = spdx.Length > 0 ? new JsonObject { ["id"] = spdx } : new JsonObject { ["name"] = "see THIRD-PARTY-NOTICES.txt" } }];

    private static JsonObject Dependency(string from, IEnumerable<string> to) => new()
    {
        ["ref"] = from,
        ["dependsOn"] = new JsonArray([.. to.Order(StringComparer.Ordinal).Select(reference => (JsonNode)reference)]),
    };

    private static Guid Identity(string program, IEnumerable<Part> parts) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts.Select(part => $"{part.Url} {part.Sha512}").Prepend(program)))).AsSpan(0, 16));
}
