using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Hostwire.IntegrationTests.Rig;

/// <summary><c>scripts/get-kafka.sh</c> against a local file server.</summary>
public sealed class GetKafkaTests : IDisposable
{
    private const string Archive = "/4.3.1/kafka_2.13-4.3.1.tgz";

    private readonly TestDirectory _cache = new("get-kafka");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_with_the_right_checksum_is_unpacked_once_and_kept()
    {
        byte[] archive = await DistributionAsync();
        await using var server = new FileServer(new Dictionary<string, byte[]>(StringComparer.Ordinal) { [Archive] = archive });
        RunResult first = await GetAsync(server, Convert.ToHexStringLower(SHA512.HashData(archive)));
        Assert.Equal(0, first.ExitCode);
        Assert.True(File.Exists(Path.Combine(first.StandardOutput.Trim(), "bin", "kafka-server-start.sh")), first.StandardOutput);
        RunResult second = await GetAsync(server, Convert.ToHexStringLower(SHA512.HashData(archive)));
        Assert.Equal(first.StandardOutput, second.StandardOutput);
        Assert.Equal(Archive, Assert.Single(server.Requests));
    }

    [Fact]
    public async Task An_archive_with_a_wrong_checksum_is_refused_and_leaves_nothing()
    {
        // The checksum that the script itself pins: this archive is not Apache's.
        await using var server = new FileServer(new Dictionary<string, byte[]>(StringComparer.Ordinal) { [Archive] = await DistributionAsync() });
        AssertRefused(await GetAsync(server, sha512: null), "is not the file that was expected");
        Assert.Equal(Archive, Assert.Single(server.Requests));
    }

    [Fact]
    public async Task A_truncated_archive_is_refused_and_leaves_nothing()
    {
        byte[] archive = await DistributionAsync();
        await using var server = new FileServer(new Dictionary<string, byte[]>(StringComparer.Ordinal) { [Archive] = archive[..^10] });
        AssertRefused(await GetAsync(server, Convert.ToHexStringLower(SHA512.HashData(archive))), "is not the file that was expected");
    }

    [Fact]
    public async Task A_mirror_without_the_archive_says_what_else_there_is()
    {
        await using var server = new FileServer(new Dictionary<string, byte[]>(StringComparer.Ordinal));
        AssertRefused(await GetAsync(server, sha512: null), "Set KAFKA_HOME");
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private void AssertRefused(RunResult result, string message)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.StandardError, StringComparison.Ordinal);
        Assert.Empty(result.StandardOutput);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache["hostwire/kafka"]));
    }

    private async Task<RunResult> GetAsync(FileServer server, string? sha512)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOSTWIRE_TEST_KAFKA_MIRROR"] = server.BaseUrl,
            ["HOSTWIRE_TEST_KAFKA_SHA512"] = sha512,
            ["XDG_CACHE_HOME"] = _cache.FullPath,
            ["http_proxy"] = null,
        };
        await using ChildProcess script = await ChildProcess.StartAsync("sh", [Repository.PathOf("scripts/get-kafka.sh")], environment);
        int exitCode = await script.WaitForExitAsync(Cancellation);
        return new RunResult(exitCode, script.StandardOutput, script.StandardError);
    }

    private static async Task<byte[]> DistributionAsync()
    {
        using var buffer = new MemoryStream();
        await using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        await using (var tar = new TarWriter(gzip))
        {
            var entry = new PaxTarEntry(TarEntryType.RegularFile, "kafka_2.13-4.3.1/bin/kafka-server-start.sh") { DataStream = new MemoryStream("#!/bin/sh\n"u8.ToArray()) };
            await tar.WriteEntryAsync(entry, Cancellation);
        }

        return buffer.ToArray();
    }
}
