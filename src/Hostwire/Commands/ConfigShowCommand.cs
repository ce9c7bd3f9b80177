using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Commands;

/// <summary><c>hostwire config show</c>: every setting, its value and where that comes from.</summary>
internal static class ConfigShowCommand
{
    private static readonly string[] Formats = ["table", "json"];

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "How to print them: table or json. [table]", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong(Formats);
        var command = new Command("show", "Shows every setting, its value and where that comes from. Secrets are masked; takes the flags of every verb.") { format };
        return VerbFrame.Attach(command, SettingSections.All, SettingSections.None, (verb, _) => Run(verb, verb.Arguments.GetValue(format)), hidesFlags: true);
    }

    private static Task<ExitCode> Run(VerbContext verb, string? format)
    {
        SettingValue[] rows = [.. Rows(verb.Settings)];
        if (format is "json")
        {
            verb.Output.WriteLine(Json(rows));
        }
        else
        {
            WriteTable(verb.Output, rows);
        }

        return Task.FromResult(ExitCode.Success);
    }

    /// <summary>The settings in their order, then the librdkafka properties; secrets masked.</summary>
    private static IEnumerable<SettingValue> Rows(LoadedSettings settings) =>
        Settings.All.Select(settings.Value)
            .Concat(settings.Values.Values.Where(value => Settings.Find(value.Key) is null).OrderBy(value => value.Key, StringComparer.Ordinal))
            .Select(value => value with { Text = Settings.Find(value.Key) is { Kind: SettingKind.List } list ? list.ToToml(value.Text) : SecretText.Mask(value) })
            .Concat(settings.Options.Exec.SelectMany(Rows));

    private static IEnumerable<SettingValue> Rows(ExecOptions command) =>
    [
        Row(command, "command", ListText.ToToml(command.Command)),
        Row(command, "interval_seconds", command.IntervalSeconds.ToString(CultureInfo.InvariantCulture)),
        Row(command, "timeout_seconds", command.TimeoutSeconds.ToString(CultureInfo.InvariantCulture)),
        Row(command, "max_output_bytes", command.MaxOutputBytes.ToString(CultureInfo.InvariantCulture)),
        Row(command, "max_series", command.MaxSeries.ToString(CultureInfo.InvariantCulture)),
        .. command.Attributes.Select(attribute => Row(command, $"attributes.{attribute.Key}", attribute.Value)),
    ];

    private static SettingValue Row(ExecOptions command, string key, string text) => new($"exec.{command.Name}.{key}", text, command.Source);

    private static void WriteTable(TextWriter output, SettingValue[] rows)
    {
        int key = rows.Max(row => row.Key.Length);
        int text = Math.Min(60, rows.Max(row => row.Text.Length));
        foreach (SettingValue row in rows)
        {
            output.WriteLine($"{row.Key.PadRight(key)}  {(row.Text.Length > 0 ? row.Text : "\"\"").PadRight(text)}  {row.Source}");
        }
    }

    private static string Json(SettingValue[] rows)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        foreach (SettingValue row in rows)
        {
            json.WriteStartObject(row.Key);
            json.WriteString("value"u8, row.Text);
            json.WriteString("source"u8, row.Source.ToString());
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
