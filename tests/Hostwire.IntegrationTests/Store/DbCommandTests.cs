using Hostwire.IntegrationTests.Rig;
using Hostwire.Store;

namespace Hostwire.IntegrationTests.Store;

public sealed class DbCommandTests(PostgresServer server, PublishedBinary hostwire)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrate_shows_what_it_would_run_and_then_runs_it()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        int newest = MigrationCatalogue.Load().Count;

        RunResult dryRun = await RunAsync(database.AdminUri, "db", "migrate", "--dry-run");
        Assert.Equal(0, dryRun.ExitCode);
        Assert.Equal(await Migrator.ScriptAsync(database.DataSource, MigrationCatalogue.Load(), Cancellation), dryRun.StandardOutput);
        Assert.Contains("Nothing was changed.", dryRun.StandardError, StringComparison.Ordinal);
        Assert.Null(await database.ScalarAsync<string>("select to_regnamespace('hostwire')::text", Cancellation));

        RunResult first = await RunAsync(database.AdminUri, "db", "migrate");
        Assert.Equal(0, first.ExitCode);
        Assert.EndsWith($"the schema went from version 0 to {newest}.\n", first.StandardOutput, StringComparison.Ordinal);
        RunResult second = await RunAsync(database.AdminUri, "db", "migrate");
        Assert.EndsWith($"the schema is up to date (version {newest}).\n", second.StandardOutput, StringComparison.Ordinal);
        Assert.Empty((await RunAsync(database.AdminUri, "db", "migrate", "--dry-run")).StandardOutput);
    }

    [Fact]
    public async Task Maintain_says_what_it_did()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        RunResult tooEarly = await RunAsync(database.AdminUri, "db", "maintain");
        Assert.Equal(1, tooEarly.ExitCode);
        Assert.Contains("run \"hostwire db migrate\"", tooEarly.StandardError, StringComparison.Ordinal);

        await RunAsync(database.AdminUri, "db", "migrate");
        RunResult first = await RunAsync(database.AdminUri, "db", "maintain");
        Assert.Equal(0, first.ExitCode);
        Assert.Matches(@"^(create partition frame_\d{8}: done\n){4}$", first.StandardOutput);
        Assert.Equal("nothing to do\n", (await RunAsync(database.AdminUri, "db", "maintain")).StandardOutput);
    }

    [Fact]
    public async Task What_a_person_has_to_mend_is_one_sentence_without_the_password()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
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

    [Fact]
    public async Task Roles_are_made_and_do_their_work_and_no_password_is_shown()
    {
        await using TestDatabase database = await server.CreateEmptyDatabaseAsync(Cancellation);
        using var files = new TestDirectory("roles");
        string prefix = $"cli_{Guid.NewGuid():n}";
        string[] roles = ["db", "roles", "--prefix", prefix, "--passwords", files["passwords"]];
        RunResult dryRun = await RunAsync(database.AdminUri, ["db", "roles", "--prefix", prefix, "--dry-run"]);
        Assert.Equal(0, dryRun.ExitCode);
        Assert.Contains($"grant usage on schema hostwire to {prefix}_sink, {prefix}_reader, {prefix}_maintenance;", dryRun.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("nothing was changed.", dryRun.StandardError, StringComparison.Ordinal);
        Assert.Null(await database.AdminScalarAsync<string>("select to_regnamespace('hostwire')::text", Cancellation));

        RunResult made = await RunAsync(database.AdminUri, roles);
        Assert.True(made.ExitCode == 0, made.StandardError);
        Assert.Contains($"{prefix}_sink: made; adds rows, for \"hostwire sink\"; password set\n", made.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"uri = \"postgres://{prefix}_sink@{server.Host}:{server.Port}/{database.Name}?sslmode=disable\"\n", made.StandardOutput, StringComparison.Ordinal);
        string password = (await File.ReadAllTextAsync(files[$"passwords/{prefix}_sink"], Cancellation)).Trim();
        Assert.DoesNotContain(password, made.StandardOutput + made.StandardError, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files[$"passwords/{prefix}_sink"]));

        RunResult again = await RunAsync(database.AdminUri, roles);
        Assert.Contains($"{prefix}_sink: was there;", again.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(password, (await File.ReadAllTextAsync(files[$"passwords/{prefix}_sink"], Cancellation)).Trim());

        Assert.Contains("is up to date", (await RunAsAsync("owner", "db", "migrate")).StandardOutput, StringComparison.Ordinal);
        Assert.Matches(@"^(create partition frame_\d{8}: done\n){4}$", (await RunAsAsync("maintenance", "db", "maintain")).StandardOutput);
        RunResult refused = await RunAsAsync("reader", "db", "maintain");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("permission denied for function maintain", refused.StandardError, StringComparison.Ordinal);

        await database.ExecuteAsync($"drop owned by {prefix}_owner, {prefix}_sink, {prefix}_reader, {prefix}_maintenance cascade; drop role {prefix}_owner, {prefix}_sink, {prefix}_reader, {prefix}_maintenance", Cancellation);

        Task<RunResult> RunAsAsync(string role, params string[] arguments) => RunAsync(
            database.UriOf($"{prefix}_{role}", File.ReadAllText(files[$"passwords/{prefix}_{role}"]).Trim()), arguments);
    }

    [Theory]
    [InlineData("Prod")]
    [InlineData("1st")]
    [InlineData("pg_prod")]
    [InlineData("a;drop table x")]
    public async Task A_prefix_that_makes_no_plain_names_is_refused(string prefix)
    {
        RunResult refused = await RunAsync("postgres://a@127.0.0.1:1/d", "db", "roles", "--prefix", prefix);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--prefix must be 1 to 50 lower-case letters", refused.StandardError, StringComparison.Ordinal);
    }

    private Task<RunResult> RunAsync(string uri, params string[] arguments) =>
        hostwire.RunAsync(arguments, new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOSTWIRE_POSTGRES_URI"] = uri }, Cancellation);
}
