using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Store;

namespace Hostwire.Configuration;

/// <summary>Puts the settings together: defaults, then the TOML file, then the environment, then flags.</summary>
public static class SettingsLoader
{
    // A password has a line at most; this guards against a path that leads to something else.
    private const int PasswordBytesMax = 4096;

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="UserException">Something is wrong; the message has a line for each error, with file and line, variable or flag.</exception>
    public static LoadedSettings Load(SettingsSources sources)
    {
        var values = new SettingValues();
        string? file = ReadFile(sources, values);
        EnvironmentSettings.Read(sources.Environment, values);
        FlagSettings.Read(sources.Flags, values);
        FlagSettings.ReadTables(sources.TableFlags, values);
        ReadRunning(sources.RunningFile, values);

        HostwireOptions options = ReadPasswords(Options(values), values);
        var loaded = new LoadedSettings(options, values.ByKey, file, [.. Warnings(values, options)]);
        return values.Problems.Count == 0
            ? loaded
            : throw new UserException(string.Join('\n', values.Problems.Concat(loaded.ProblemsOfSetKeys())), ExitCode.Usage);
    }

    private static string? ReadFile(SettingsSources sources, SettingValues values)
    {
        string? named = sources.ConfigFile ?? sources.Environment.GetValueOrDefault(EnvironmentSettings.ConfigFile);
        if (string.IsNullOrEmpty(named))
        {
            if (!File.Exists(sources.DefaultFile))
            {
                return null;
            }

            named = sources.DefaultFile;
        }

        string path = Path.GetFullPath(FilePath.Expand(named));
        try
        {
            TomlSettings.Read(File.ReadAllText(path), path, values);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserException($"The settings file {path} does not exist: correct the path, or make it from what hostwire config example prints.", error, ExitCode.Usage);
        }
        catch (UnauthorizedAccessException error) when (Directory.Exists(path))
        {
            throw new UserException($"The settings file {path} is a folder: name the file in it.", error, ExitCode.Usage);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new UserException($"The settings file {path} cannot be read by {Environment.UserName}: give that user the right to (chmod, chown).", error, ExitCode.Usage);
        }

        return path;
    }

    private static void ReadRunning(string? path, SettingValues values)
    {
        if (path is null)
        {
            return;
        }

        var running = new SettingValues();
        try
        {
            TomlSettings.Read(File.ReadAllText(path), path, running);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended in this moment, or is another user's: then it is not what this verb is to talk to.
            return;
        }

        values.AddSectionsNotSet(running);
    }

    private static HostwireOptions Options(SettingValues values)
    {
        var options = new HostwireOptions();
        foreach (Setting setting in Settings.All)
        {
            if (values.ByKey.TryGetValue(setting.Key, out SettingValue? value))
            {
                options = setting.Write(options, value.Text);
            }
        }

        return options with
        {
            Kafka = options.Kafka with { Properties = Table(SettingTable.KafkaProperties, values) },
            Agent = options.Agent with { Attributes = Table(SettingTable.AgentAttributes, values) },
            Exec = values.Commands,
        };
    }

    private static Dictionary<string, string> Table(SettingTable table, SettingValues values) => values.ByKey.Values
        .Where(value => table.NameIn(value.Key) is not null)
        .ToDictionary(value => table.NameIn(value.Key)!, value => value.Text, StringComparer.Ordinal);

    private static HostwireOptions ReadPasswords(HostwireOptions options, SettingValues values) => options with
    {
        Kafka = options.Kafka with { Password = Password("kafka", options.Kafka.Password, options.Kafka.PasswordFile, values) },
        Postgres = options.Postgres with { Password = Password("postgres", options.Postgres.Password, options.Postgres.PasswordFile, values) },
    };

    private static string Password(string section, string password, string file, SettingValues values)
    {
        if (file.Length == 0)
        {
            return password;
        }

        SettingValue setting = values.ByKey[$"{section}.password_file"];
        if (password.Length > 0)
        {
            values.Refuse(setting.Source, $"{setting.Key} is set, and {section}.password too ({values.ByKey[$"{section}.password"].Source}): take one away.");
            return "";
        }

        try
        {
            using FileStream stream = File.OpenRead(file);
            using var reader = new StreamReader(stream);
            char[] text = new char[PasswordBytesMax + 1];
            int length = reader.ReadBlock(text);
            string read = new string(text, 0, length).TrimEnd('\r', '\n');
            if (read.Length is > 0 and <= PasswordBytesMax && !read.Contains('\n', StringComparison.Ordinal))
            {
                return read;
            }

            values.Refuse(setting.Source, $"{setting.Key} names {file}, which does not hold a password on one line.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            values.Refuse(setting.Source, $"{setting.Key} names {file}, which {Environment.UserName} cannot read: {error.Message}");
        }

        return "";
    }

    private static IEnumerable<string> Warnings(SettingValues values, HostwireOptions options)
    {
        IEnumerable<(string Path, string What)> files = values.ByKey.Values
            .Where(value => value.Source.Kind == SettingSourceKind.File && IsSecret(value))
            .Select(value => (value.Source.Name, "a password"))
            .Concat([(options.Kafka.PasswordFile, "a password"), (options.Postgres.PasswordFile, "a password")])
            .Concat(KeyFiles(options).Select(path => (path, "a private key")));
        return files
            .Where(file => file.Path.Length > 0)
            .DistinctBy(file => file.Path, StringComparer.Ordinal)
            .Where(file => File.Exists(file.Path) && (File.GetUnixFileMode(file.Path) & UnixFileMode.OtherRead) != UnixFileMode.None)
            .Select(file => $"{file.Path} holds {file.What}, and every user of this machine can read it: run chmod o-rwx {file.Path}");
    }

    private static IEnumerable<string> KeyFiles(HostwireOptions options) =>
    [
        FilePath.Expand(options.Kafka.KeyFile),
        FilePath.Expand(options.Kafka.Properties.GetValueOrDefault("ssl.key.location", "")),
        FilePath.Expand(options.Kafka.Properties.GetValueOrDefault("ssl.keystore.location", "")),
        FilePath.Expand(PostgresUriParser.Parse(options.Postgres.Uri, out _)?.Parameter("sslkey") ?? ""),
    ];

    private static bool IsSecret(SettingValue value) => Settings.Find(value.Key) switch
    {
        { IsSecret: true } => value.Text.Length > 0,
        { HoldsPassword: true } => PostgresUriParser.Parse(value.Text, out _)?.Password.Length > 0,
        null => SettingTable.KafkaProperties.NameIn(value.Key) is string name && KafkaProperties.IsSecret(name),
        _ => false,
    };
}
