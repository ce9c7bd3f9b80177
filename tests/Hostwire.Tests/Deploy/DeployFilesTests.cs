using System.CommandLine;
using System.Text.RegularExpressions;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.IntegrationTests.Rig;
using Hostwire.Tests.Configuration;

namespace Hostwire.Tests.Deploy;

/// <summary>The files of <c>deploy/</c> that people read and edit say what the program knows.</summary>
public sealed partial class DeployFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("agent.toml")]
    [InlineData("sink.toml")]
    public void Settings_of_a_service_are_understood_as_shipped_and_with_every_line_taken_in(string file)
    {
        string text = File.ReadAllText(Repository.PathOf($"deploy/{file}"));
        Assert.Empty(Load(text).Values);

        // A setting behind a # has no blank after it; a sentence does.
        string filledIn = SettingLine().Replace(text, "");
        _folder.Write("kafka-password", "secret");
        _folder.Write("postgres-password", "secret");
        LoadedSettings loaded = Load(filledIn);
        Assert.True(loaded.Values.ContainsKey("kafka.bootstrap_servers"));
        Assert.Equal(SettingLine().Count(text) - (filledIn.Contains("[agent.attributes]", StringComparison.Ordinal) ? 1 : 0), loaded.Values.Count);
    }

    [Fact]
    public void Manual_page_names_every_verb_exit_code_and_file()
    {
        string page = File.ReadAllText(Repository.PathOf("deploy/hostwire.1")).Replace("\\-", "-", StringComparison.Ordinal);
        foreach (string verb in Program.Verbs().SelectMany(verb => Names(verb, "")))
        {
            Assert.Contains($"\n.B {verb}\n", page, StringComparison.Ordinal);
        }

        foreach (ExitCode code in Enum.GetValues<ExitCode>())
        {
            Assert.Contains($"\n.TP\n.B {(int)code}\n", page, StringComparison.Ordinal);
        }

        Assert.Contains(SettingsSources.UsualFile, page, StringComparison.Ordinal);
        Assert.Contains("HOSTWIRE_CONFIG", page, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(Command verb, string prefix) => verb.Subcommands.Count == 0
        ? [prefix + verb.Name]
        : verb.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => Names(inner, $"{prefix}{verb.Name} "));

    private LoadedSettings Load(string text) => SettingsLoader.Load(new SettingsSources { ConfigFile = _folder.Write("service.toml", text) });

    [GeneratedRegex("(?m)^#(?=[a-z_\\[])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SettingLine();
}
