using System.Globalization;
using System.Text;
using Hostwire.Configuration;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.Tests.Configuration;

/// <summary>The documents that are made from the table of settings. With <c>HOSTWIRE_TEST_UPDATE_DOCS=1</c> these tests write them anew.</summary>
public sealed class DocumentsTests : IDisposable
{
    private const string Begin = "<!-- keys: made from Settings.All; HOSTWIRE_TEST_UPDATE_DOCS=1 ./test --fast writes it anew -->\n";
    private const string End = "<!-- end of keys -->\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_example_file_is_the_one_that_the_verb_prints() => Compare(Repository.PathOf("docs/hostwire.example.toml"), ExampleFile.Text());

    [Fact]
    public void The_table_of_keys_is_the_one_that_the_program_has()
    {
        string path = Repository.PathOf("docs/configuration.md");
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);

        Compare(path, text[..begin] + Table() + text[end..]);
    }

    [Fact]
    public void The_example_with_every_key_uncommented_says_what_holds_anyway()
    {
        // A line that begins with # and no blank is a setting or a section; the properties are no default.
        string example = ExampleFile.Text();
        string uncommented = string.Join('\n', example.Split('\n').Select(line => line.StartsWith('#') && !line.StartsWith("# ", StringComparison.Ordinal) ? line[1..] : line));

        LoadedSettings settings = SettingsLoader.Load(new() { ConfigFile = _folder.Write("h.toml", uncommented) });

        Assert.All(Settings.All, setting => Assert.Equal(setting.Default, settings.Value(setting).Text));
        Assert.All(Settings.All.Where(setting => !setting.IsHidden), setting => Assert.True(settings.Values.ContainsKey(setting.Key), setting.Key));
        Assert.Equal("50", settings.Options.Kafka.Properties["linger.ms"]);
        Assert.Empty(SettingsLoader.Load(new() { ConfigFile = _folder.Write("h.toml", example) }).Values);
    }

    // Collectors come and go with their own page; here they are one row for all.
    private static string Table()
    {
        var table = new StringBuilder();
        foreach (IGrouping<SettingSections, Setting> section in Settings.All.Where(setting => !setting.IsHidden).GroupBy(setting => setting.Section))
        {
            table.Append(CultureInfo.InvariantCulture, $"\n### `[{section.First().Key.Split('.')[0]}]`\n\n| key | default | what it does |\n|---|---|---|\n");
            foreach (Setting setting in section)
            {
                string standard = setting.Default.Length > 0 ? $"`{setting.Default}`" : "";
                string values = setting.Kind is SettingKind.Whole or SettingKind.Number
                    ? string.Create(CultureInfo.InvariantCulture, $" ({setting.Minimum} to {setting.Maximum})")
                    : setting.IsSecret || setting.HoldsPassword ? " Secret." : "";
                table.Append(CultureInfo.InvariantCulture, $"| `{setting.Key}` | {standard} | {setting.Description}{values} |\n");
            }
        }

        return table.Append('\n').ToString();
    }

    private static void Compare(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable("HOSTWIRE_TEST_UPDATE_DOCS") is "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
