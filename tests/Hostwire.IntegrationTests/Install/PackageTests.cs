using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Install;

/// <summary>What <c>scripts/package</c> puts into a package.</summary>
public sealed partial class PackageTests(PublishedBinary hostwire) : IDisposable
{
    private const string Folder = "hostwire-1.2.3-rc.1-linux-";

    private readonly TestDirectory _packages = new("packages");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tarball_holds_program_libraries_settings_services_manual_and_licences_and_runs_where_it_is_unpacked()
    {
        (string tarball, _) = await Packages.MakeAsync(hostwire, "1.2.3-rc.1", _packages);
        await using (var gzip = new GZipStream(File.OpenRead(tarball), CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(gzip, _packages.FullPath, overwriteFiles: false, Cancellation);
        }

        string folder = Assert.Single(Directory.GetDirectories(_packages.FullPath, $"{Folder}*"));
        Assert.Equal(
            [
                "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.txt", "agent.toml", "all-settings.toml", "hostwire", "hostwire.1", "hostwire.cdx.json", "libe_sqlite3.so", "librdkafka.so", "sink.toml",
                "systemd/hostwire-agent.service", "systemd/hostwire-sink.service",
            ],
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.Contains("hostwire 1.2.3-rc.1", await File.ReadAllTextAsync(Path.Combine(folder, "hostwire.1"), Cancellation), StringComparison.Ordinal);

        // It is the program that was published, and everything it needs lies beside it.
        string unpacked = Path.Combine(folder, "hostwire");
        Assert.Equal(await ChildProcess.RunAsync(await hostwire.PathAsync(), ["--version"]), await ChildProcess.RunAsync(unpacked, ["--version"]));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(folder, "all-settings.toml"), Cancellation), await ChildProcess.RunAsync(unpacked, ["config", "example"]));
    }

    [Fact]
    public async Task Licences_name_every_part_and_hold_the_texts_of_its_own()
    {
        string notices = await EntryAsync("/THIRD-PARTY-NOTICES.txt");
        foreach (string part in (string[])["Confluent.Kafka", "librdkafka.redist", "Npgsql", "SQLite", "SQLitePCLRaw.core", "System.CommandLine", "Tomlyn", "OpenTelemetry", "Microsoft.NETCore.App.Runtime.NativeAOT."])
        {
            Assert.Matches($@"(?m)^  {Regex.Escape(part)}\S* \d", notices);
            Assert.Matches($@"(?m)^=+\n{Regex.Escape(part)}\S* \d", notices);
        }

        // Only librdkafka's own file knows what is linked into it.
        Assert.Contains("LICENSE.lz4", notices, StringComparison.Ordinal);
        Assert.Contains(".NET Runtime uses third-party libraries", notices, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bill_of_materials_lists_what_the_licences_do_with_version_address_and_checksum()
    {
        using JsonDocument bill = JsonDocument.Parse(await EntryAsync("/hostwire.cdx.json"));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        Assert.Equal("1.2.3-rc.1", bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("version").GetString());
        JsonElement[] components = [.. bill.RootElement.GetProperty("components").EnumerateArray()];
        Dictionary<string, JsonElement> packages = components.Where(component => component.TryGetProperty("hashes", out _)).ToDictionary(component => $"{component.GetProperty("name")} {component.GetProperty("version")}", StringComparer.Ordinal);
        string notices = await EntryAsync("/THIRD-PARTY-NOTICES.txt");
        Assert.Equal(
            Regex.Matches(notices, @"(?m)^  \S+ \d[^:\s]*", RegexOptions.None, TimeSpan.FromSeconds(10)).Select(match => match.Value.Trim()), packages.Keys, StringComparer.Ordinal);
        Assert.All(packages.Values, package =>
        {
            Assert.Equal($"pkg:nuget/{package.GetProperty("name")}@{package.GetProperty("version")}", package.GetProperty("purl").GetString());
            Assert.Matches("^[0-9a-f]{128}$", package.GetProperty("hashes")[0].GetProperty("content").GetString());
        });

        // Everything is reached from the program, through what needs it; the OpenSSL in librdkafka too.
        Dictionary<string, string[]> needs = bill.RootElement.GetProperty("dependencies").EnumerateArray().ToDictionary(
            entry => entry.GetProperty("ref").GetString()!, entry => entry.GetProperty("dependsOn").EnumerateArray().Select(to => to.GetString()!).ToArray(), StringComparer.Ordinal);
        HashSet<string> reached = new(StringComparer.Ordinal);
        Reach("pkg:generic/hostwire@1.2.3-rc.1");
        Assert.Contains(reached, url => url.StartsWith("pkg:generic/openssl@3.", StringComparison.Ordinal));
        Assert.Equal(
            components.Select(component => component.GetProperty("bom-ref").GetString()!).Append("pkg:generic/hostwire@1.2.3-rc.1").Order(StringComparer.Ordinal),
            reached.Order(StringComparer.Ordinal),
            StringComparer.Ordinal);

        void Reach(string url)
        {
            if (reached.Add(url))
            {
                Array.ForEach(needs[url], Reach);
            }
        }
    }

    [Fact]
    public async Task The_glibc_that_is_needed_is_the_one_that_the_manual_names()
    {
        (_, string package) = await Packages.MakeAsync(hostwire, "1.2.3", _packages);
        string depends = await ChildProcess.RunAsync("dpkg-deb", ["--field", package, "Depends"]);
        string glibc = GlibcPattern().Match(depends).Groups["version"].Value;
        Assert.Contains($"glibc {glibc} or later", await File.ReadAllTextAsync(Repository.PathOf("docs/install.md"), Cancellation), StringComparison.Ordinal);
        Assert.Contains("libssl3", depends, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manual_page_is_well_formed()
    {
        Assert.SkipUnless(Packages.IsInstalled("groff"), "groff checks the manual page (Debian: apt-get install groff-base), and is not installed.");
        await using ChildProcess groff = await ChildProcess.StartAsync("groff", ["-man", "-Tutf8", "-ww", "-z", Repository.PathOf("deploy/hostwire.1")]);
        Assert.Equal(0, await groff.WaitForExitAsync(Cancellation));
        Assert.Equal("", groff.StandardError);
    }

    /// <inheritdoc/>
    public void Dispose() => _packages.Dispose();

    private async Task<string> EntryAsync(string name)
    {
        (string tarball, _) = await Packages.MakeAsync(hostwire, "1.2.3-rc.1", _packages);
        await using var gzip = new GZipStream(File.OpenRead(tarball), CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        while (await tar.GetNextEntryAsync(cancellationToken: Cancellation) is { } entry)
        {
            if (entry.Name.EndsWith(name, StringComparison.Ordinal))
            {
                using var reader = new StreamReader(entry.DataStream!);
                return await reader.ReadToEndAsync(Cancellation);
            }
        }

        throw new InvalidOperationException($"{tarball} has no {name}.");
    }

    [GeneratedRegex(@"libc6 \(>= (?<version>[0-9.]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GlibcPattern();
}
