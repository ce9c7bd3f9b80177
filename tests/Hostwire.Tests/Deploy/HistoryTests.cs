using System.Buffers;
using System.Diagnostics;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.Tests.Deploy;

/// <summary>No secret was ever committed: certificates and keys of tests are made when they run.</summary>
public sealed class HistoryTests
{
    // What PEM files have between their lines: 64 characters of base64, the last line fewer.
    private const int KeyLineMin = 40;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    [Fact]
    public void No_commit_holds_a_private_key()
    {
        Assert.SkipUnless(Path.Exists(Repository.PathOf(".git")), "This is no clone.");
        using Process git = Process.Start(new ProcessStartInfo("git", ["log", "--all", "--patch", "--unified=0", "--no-color", "-G", "PRIVATE KEY-----"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var keys = new List<string>();
        bool isKey = false;
        int headers = 0;
        while (git.StandardOutput.ReadLine() is { } line)
        {
            if (isKey && line.Length > KeyLineMin && line.AsSpan(1).Trim().IndexOfAnyExcept(Base64) < 0)
            {
                keys.Add(line);
            }

            isKey = line.StartsWith('+') && line.Contains("PRIVATE KEY-----", StringComparison.Ordinal);
            headers += isKey ? 1 : 0;
        }

        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        Assert.Empty(keys);

        // It does look: the code that knows such files names their first line.
        Assert.NotEqual(0, headers);
    }
}
