using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;

namespace Hostwire.IntegrationTests.Store;

public sealed class DbCommandTests(PostgresServer server, PublishedBinary hostwire)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrate_shows_what_it_would_run_and_then_runs_it()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        int newest = MigrationCatalogue.Load().Count;

        RunResult dryRun = await RunAsync(database.Uri, "db", "migrate", "--dry-run");
        Assert.Equal(0, dryRun.ExitCode);
        Assert.Equal(Migrator.Script(MigrationCatalogue.Load()), dryRun.StandardOutput);
        Assert.Contains("Nothing was changed.", dryRun.StandardError, StringComparison.Ordinal);
        Assert.Null(await database.ScalarAsync<string>("select to_regnamespace('hostwire')::text", Cancellation));

        RunResult first = await RunAsync(database.Uri, "db", "migrate");
        Assert.Equal(0, first.ExitCode);
        Assert.EndsWith($"the schema went from version 0 to {newest}.\n", first.StandardOutput, StringComparison.Ordinal);
        RunResult second = await RunAsync(database.Uri, "db", "migrate");
        Assert.EndsWith($"the schema is up to date (version {newest}).\n", second.StandardOutput, StringComparison.Ordinal);
        Assert.Empty((await RunAsync(database.Uri, "db", "migrate", "--dry-run")).StandardOutput);
    }

    [Fact]
    public async Task Maintain_says_what_it_did()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        RunResult tooEarly = await RunAsync(database.Uri, "db", "maintain");
        Assert.Equal(1, tooEarly.ExitCode);
        Assert.Contains("run \"hostwire db migrate\"", tooEarly.StandardError, StringComparison.Ordinal);

        await RunAsync(database.Uri, "db", "migrate");
        RunResult first = await RunAsync(database.Uri, "db", "maintain");
        Assert.Equal(0, first.ExitCode);
        Assert.Matches(@"^(create partition frame_\d{8}: done\n){4}$", first.StandardOutput);
        Assert.Equal("nothing to do\n", (await RunAsync(database.Uri, "db", "maintain")).StandardOutput);
    }

    [Fact]
    public async Task What_a_person_has_to_mend_is_one_sentence_without_the_password()
    {
        await using TestDatabase database = await server.CreateDatabaseAsync(Cancellation);
        string role = $"{database.Name}_nobody";
        await database.CreateRoleAsync(role, Cancellation);
        RunResult noRight = await RunAsync(database.UriOf(role, role), "db", "migrate");
        Assert.Equal(1, noRight.ExitCode);
        Assert.Contains($"grant create on database {database.Name} to {role}", noRight.StandardError, StringComparison.Ordinal);
        Assert.Single(noRight.StandardError.Trim().Split('\n'));

        RunResult wrongPassword = await RunAsync(database.UriOf(role, "s3cret-and-wrong"), "db", "migrate");
        Assert.Equal(1, wrongPassword.ExitCode);
        Assert.Contains("refused the login", wrongPassword.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", wrongPassword.StandardError, StringComparison.Ordinal);

        RunResult nobodyThere = await RunAsync($"postgres://a:b@127.0.0.1:{FreePort.Next()}/d?sslmode=disable", "db", "maintain");
        Assert.Equal(1, nobodyThere.ExitCode);
        Assert.Contains("cannot be reached", nobodyThere.StandardError, StringComparison.Ordinal);
        await database.ExecuteAsync($"drop role {role}", Cancellation);
    }

    private Task<RunResult> RunAsync(string uri, params string[] arguments) =>
        hostwire.RunAsync(arguments, new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOSTWIRE_POSTGRES_URI"] = uri }, Cancellation);
}
