using System.ComponentModel;
using System.Diagnostics;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.Tests.Deploy;

/// <summary>The patches with which <c>scripts/sabotage</c> breaks the product still fit it, and say what they break and what has to notice.</summary>
public sealed class SabotageTests
{
    public static TheoryData<string> Patches() => [.. Directory.EnumerateFiles(Repository.PathOf("tests/sabotage"), "*.patch").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Patches))]
    public void Patch_applies_and_names_who_catches_it(string patch)
    {
        string path = Repository.PathOf($"tests/sabotage/{patch}");
        string[] lines = File.ReadAllLines(path);
        Assert.StartsWith("Breaks: ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^Caught by: Hostwire.(Integration)?Tests --filter-", lines[1]);
        Assert.All(lines.Where(line => line.StartsWith("+++ ", StringComparison.Ordinal)), line => Assert.StartsWith("+++ b/src/", line, StringComparison.Ordinal));

        using Process git = Start(["apply", "--check", path]);
        string problem = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, problem);
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Repository.Root, RedirectStandardError = true, UseShellExecute = false })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no git.");
            throw;
        }
    }
}
