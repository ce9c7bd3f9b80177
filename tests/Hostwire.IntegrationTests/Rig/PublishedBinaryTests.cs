namespace Hostwire.IntegrationTests.Rig;

public sealed class PublishedBinaryTests(PublishedBinary hostwire)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_published_binary_is_native_and_says_its_version()
    {
        byte[] head = new byte[4];
        await using (FileStream file = File.OpenRead(await hostwire.PathAsync()))
        {
            await file.ReadExactlyAsync(head, Cancellation);
        }

        Assert.Equal("\u007fELF"u8.ToArray(), head);
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(await hostwire.PathAsync())!, "hostwire.dll")), "This is the build for the runtime, not the native one.");
        RunResult result = await hostwire.RunAsync(["--version"], cancellationToken: Cancellation);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^hostwire \d+\.\d+\.\d+", result.StandardOutput);
        Assert.Empty(result.StandardError);
    }
}
