using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Install;

/// <summary>The units of systemd, as <c>systemd-analyze</c> judges them without running them.</summary>
public sealed class ServiceUnitTests
{
    /// <summary>In tenths: 2.0. Ten is a service of root without any restriction.</summary>
    private const string ExposureMax = "20";

    [Theory]
    [InlineData("hostwire-agent.service")]
    [InlineData("hostwire-sink.service")]
    public async Task A_service_is_exposed_little_to_whoever_breaks_into_it(string unit)
    {
        Assert.SkipUnless(Packages.IsInstalled("systemd-analyze"), "systemd-analyze judges units (Debian: apt-get install systemd), and is not installed.");
        await using ChildProcess analyze = await ChildProcess.StartAsync(
            "systemd-analyze", ["security", "--no-pager", "--offline=true", $"--threshold={ExposureMax}", Repository.PathOf($"deploy/{unit}")], new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C" });
        int exitCode = await analyze.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"Overall exposure level for {unit}", analyze.StandardOutput, StringComparison.Ordinal);
        Assert.True(exitCode == 0, analyze.StandardOutput);
    }
}
