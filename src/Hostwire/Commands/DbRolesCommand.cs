using System.CommandLine;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Store;
using Hostwire.Store.Roles;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire db roles</c>: owner, sink, reader and maintenance, each with the least rights it can work with.</summary>
internal static class DbRolesCommand
{
    private static readonly Option<string> Prefix = new("--prefix")
    {
        Description = "What the names of the roles begin with: NAME_owner, NAME_sink, NAME_reader, NAME_maintenance. Roles belong to the whole server, so a second database on it may want others.",
        HelpName = "NAME",
        DefaultValueFactory = _ => RoleNames.UsualPrefix,
    };

    private static readonly Option<string> Passwords = new("--passwords")
    {
        Description = "A folder with a file for each role, named like it, that holds its password; one that is missing is made, with a random password. Without this no password is set: use \\password in psql.",
        HelpName = "DIR",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only print the SQL that would be run, as a script for psql; change nothing.",
    };

    /// <summary>Makes the verb.</summary>
    public static Command Create() => DbCommand.Attach(
        new Command(
            "roles",
            "Makes the roles for owner, sink, reader and maintenance, brings the schema up to date as its owner, and hands out the least rights that do. Run it as an administrator (Aiven: avnadmin); run it again at any time.")
        {
            Prefix, Passwords, DryRun,
        },
        RunAsync);

    private static async Task RunAsync(VerbContext verb, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!RoleNames.TryMake(verb.Arguments.GetValue(Prefix)!, out RoleNames? names))
        {
            throw new UserException("--prefix must be 1 to 50 lower-case letters, digits and underscores, begin with a letter, and not with pg_.", ExitCode.Usage);
        }

        if (verb.Arguments.GetValue(DryRun))
        {
            await verb.Output.WriteAsync((await RoleSetup.ScriptAsync(database, names, cancellationToken)).AsMemory(), cancellationToken);
            await verb.Error.WriteLineAsync($"{PostgresDataSource.Address(verb.Options.Postgres)}: nothing was changed.");
            return;
        }

        PasswordFolder? folder = verb.Arguments.GetValue(Passwords) is { Length: > 0 } path ? new PasswordFolder(Path.GetFullPath(FilePath.Expand(path))) : null;
        IReadOnlyDictionary<string, string> passwords = folder?.ReadOrMake(names.All) ?? new Dictionary<string, string>(StringComparer.Ordinal);
        RoleReport report = await RoleSetup.ApplyAsync(database, names, passwords, cancellationToken);
        await WriteReportAsync(verb, names, report, folder is not null);
        await WriteSettingsAsync(verb, names.Sink, folder);
    }

    private static async Task WriteReportAsync(VerbContext verb, RoleNames names, RoleReport report, bool hasPasswords)
    {
        (string Role, string Purpose)[] roles =
        [
            (names.Owner, "owns the schema, for \"hostwire db migrate\""),
            (names.Sink, "adds rows, for \"hostwire sink\""),
            (names.Reader, "reads, for people and dashboards"),
            (names.Maintenance, "for \"hostwire db maintain\""),
        ];
        foreach ((string role, string purpose) in roles)
        {
            bool existed = report.Existed.Contains(role);
            string password = hasPasswords ? "password set" : existed ? "password left as it is" : $"no password yet: set one with \"\\password {role}\" in psql";
            await verb.Output.WriteLineAsync($"{role}: {(existed ? "was there" : "made")}; {purpose}; {password}");
        }

        await verb.Output.WriteLineAsync(report.FromVersion == report.ToVersion
            ? $"schema hostwire: up to date (version {report.ToVersion}), rights granted"
            : $"schema hostwire: went from version {report.FromVersion} to {report.ToVersion}, rights granted");
    }

    private static async Task WriteSettingsAsync(VerbContext verb, string sink, PasswordFolder? folder)
    {
        PostgresOptions options = verb.Options.Postgres;
        PostgresUri uri = PostgresUriParser.Parse(options.Uri, out string problem) ?? throw new UserException($"postgres.uri {problem}", ExitCode.Usage);
        await verb.Output.WriteLineAsync($"\nFor the sink's settings, and for the other roles with their names in place of {sink}:\n[postgres]\nuri = \"{uri.ForUser(sink)}\"");
        await verb.Output.WriteLineAsync(folder is not null
            ? $"password_file = \"{folder.FileOf(sink)}\"    # or a copy that the sink's user can read"
            : "password_file = \"...\"    # or HOSTWIRE_POSTGRES_PASSWORD");
        if (options.CaFile.Length > 0)
        {
            await verb.Output.WriteLineAsync($"ca_file = \"{options.CaFile}\"");
        }
    }
}
