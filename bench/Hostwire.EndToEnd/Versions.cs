using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd;

/// <summary>Which versions of everything a benchmark ran on.</summary>
internal static class Versions
{
    /// <summary>The program, the database and the broker, in one line.</summary>
    public static async Task<string> ReadAsync(PostgresServer postgres, PublishedBinary hostwire, CancellationToken cancellationToken)
    {
        await using TestDatabase database = await postgres.CreateEmptyDatabaseAsync(cancellationToken);
        string? server = await database.AdminScalarAsync<string>("select current_setting('server_version')", cancellationToken);
        RunResult version = await hostwire.RunAsync(["--version"], cancellationToken: cancellationToken);
        return $"{version.StandardOutput.Trim()}, PostgreSQL {server}, {await Machine.KafkaVersionAsync()}";
    }
}
