using Hostwire.Kafka;
using Hostwire.Store;

namespace Hostwire.Configuration;

/// <summary>Reads settings from flags. Other users see command lines, so a password is refused there.</summary>
internal static class FlagSettings
{
    /// <summary>Adds what the flags set.</summary>
    public static void Read(IEnumerable<(Setting Setting, string Text)> flags, SettingValues values)
    {
        foreach ((Setting setting, string text) in flags)
        {
            var source = new SettingSource(SettingSourceKind.Flag, setting.Flag);
            if (setting.IsSecret)
            {
                values.Refuse(source, $"a password on the command line can be read by every user of this machine. Put it into {setting.Variable}, or {setting.Key} in the settings file{(Settings.Find($"{setting.Key}_file") is { } file ? $", or a file that {file.Key} names" : "")}.");
            }
            else if (setting.HoldsPassword && HasPassword(text))
            {
                values.Refuse(source, $"a password on the command line can be read by every user of this machine. Put the URI into {setting.Variable} or {setting.Key} in the settings file, or leave the password out and put it into {Settings.Find("postgres.password")!.Variable}.");
            }
            else
            {
                values.Add(setting, text, source);
            }
        }
    }

    /// <summary>Adds what flags say of tables, each NAME=VALUE.</summary>
    public static void ReadTables(IEnumerable<(SettingTable Table, string Pair)> flags, SettingValues values)
    {
        foreach ((SettingTable table, string pair) in flags)
        {
            var source = new SettingSource(SettingSourceKind.Flag, table.Flag);
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                values.Refuse(source, "must be NAME=VALUE.");
            }
            else if (table == SettingTable.KafkaProperties && KafkaProperties.IsSecret(pair[..equals]))
            {
                values.Refuse(source, $"{pair[..equals]} is secret, and every user of this machine can read a command line. Put it into [{table.Key}] of the settings file, or {table.Variable}.");
            }
            else
            {
                values.Add(table, pair[..equals], pair[(equals + 1)..], source);
            }
        }
    }

    // Of a URI that is wrong nobody knows which part would be the password: anything before an @ with a colon in it is taken for one.
    private static bool HasPassword(string uri) => PostgresUriParser.Parse(uri, out _) is PostgresUri parsed
        ? parsed.Password.Length > 0
        : uri.Contains('@', StringComparison.Ordinal) && uri.Count(character => character == ':') > 1;
}
