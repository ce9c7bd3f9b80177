using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class ServerLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => Path.Combine(_folder.Path, "postgres.log");

    [Theory]
    [InlineData("", "It said nothing.")]
    [InlineData("2026-01-01 UTC [7] LOG:  starting\n2026-01-01 UTC [7] FATAL:  could not create any TCP/IP sockets\n2026-01-01 UTC [7] LOG:  shut down\n", "FATAL:  could not create any TCP/IP sockets.")]
    [InlineData("initdb: error: directory exists but is not empty\ninitdb: hint: remove it\n", "error: directory exists but is not empty.")]
    [InlineData("setpriv: setresuid failed: Operation not permitted\n", "setpriv: setresuid failed: Operation not permitted.")]
    public void The_last_error_is_found(string content, string expected)
    {
        File.WriteAllText(Log, content);
        Assert.Equal(expected, ServerLog.LastError(Log));
    }

    [Fact]
    public void A_new_log_begins_empty_for_its_owner_alone_and_the_last_one_stays()
    {
        ServerLog.Begin(Log);
        File.WriteAllText(Log, "first run");
        ServerLog.Begin(Log);
        Assert.Equal("", File.ReadAllText(Log));
        Assert.Equal("first run", File.ReadAllText(Log + ".1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
    }

    public void Dispose() => _folder.Dispose();
}
