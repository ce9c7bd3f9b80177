using Hostwire.Configuration;
using Hostwire.Diagnostics;

namespace Hostwire.Tests.Configuration;

public sealed class ExecSettingsTests : IDisposable
{
    private const string Minimal = "[[exec]]\nname = \"a\"\ncommand = [\"true\"]\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Commands_are_read_in_order_with_their_defaults()
    {
        HostwireOptions options = Load(
            Minimal
            + "[[exec]]\nname = \"b.2\"\ncommand = \"df | wc -l\"\ninterval_seconds = 30\ntimeout_seconds = 2.5\nmax_output_bytes = 1000\nmax_series = 5\nattributes = { team = \"x\", \"a.b\" = \"\" }\n"
            + "[[exec]]\nname = \"c\"\ncommand = [\n  \"/bin/echo\", # why\n  '$HOME',\n]\nattributes.role = \"db\"\n[exec.attributes]\nenv = \"test\"\n"
            + "[sink]\ngroup = \"g\"\n");

        Assert.Equal(["a", "b.2", "c"], options.Exec.Select(command => command.Name), StringComparer.Ordinal);
        ExecOptions first = options.Exec[0];
        Assert.Equal(["true"], first.Command);
        Assert.Equal((60, 10.0, 1024 * 1024, 1000, 0), (first.IntervalSeconds, first.TimeoutSeconds, first.MaxOutputBytes, first.MaxSeries, first.Attributes.Count));
        ExecOptions second = options.Exec[1];
        Assert.Equal(["/bin/sh", "-c", "df | wc -l"], second.Command);
        Assert.Equal((30, 2.5, 1000, 5), (second.IntervalSeconds, second.TimeoutSeconds, second.MaxOutputBytes, second.MaxSeries));
        Assert.Equal(["team=x", "a.b="], second.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"), StringComparer.Ordinal);
        Assert.Equal(["/bin/echo", "$HOME"], options.Exec[2].Command);
        Assert.Equal(["role=db", "env=test"], options.Exec[2].Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"), StringComparer.Ordinal);
        Assert.Equal((4, "g"), (second.Source.Line, options.Sink.Group));
    }

    [Theory]
    [InlineData("[[exec]]\ncommand = [\"true\"]", "1: [[exec]] has no name: add name = \"backup\".")]
    [InlineData("[[exec]]\nname = \"a\"", "1: [[exec]] has no command: add command = [")]
    [InlineData(Minimal + "intervall_seconds = 3", "4: exec.intervall_seconds is not a setting. Did you mean interval_seconds?")]
    [InlineData(Minimal + "interval_seconds = 0", "4: exec.interval_seconds must be a whole number from 1 to 86400.")]
    [InlineData(Minimal + "interval_seconds = 1.5", "4: exec.interval_seconds must be a whole number")]
    [InlineData(Minimal + "timeout_seconds = \"5\"", "4: exec.timeout_seconds must be a number from 0.1 to 86400, without quotes.")]
    [InlineData(Minimal + "timeout_seconds = 61", "1: exec.timeout_seconds (61) of a must not be more than its interval_seconds (60)")]
    [InlineData(Minimal + "max_series = 1\nmax_series = 2", "5: exec.max_series is set already in line 4: take one away.")]
    [InlineData(Minimal + "attributes = { a = 1 }", "4: exec.attributes.a must be a text")]
    [InlineData(Minimal + "attributes = \"a\"", "4: exec.attributes is not a setting.")]
    [InlineData(Minimal + Minimal, "4: [[exec]] in line 1 has the name a too: give each its own.")]
    [InlineData("[[exec]]\nname = \"a b\"\ncommand = [\"true\"]", "2: exec.name must be 1 to 64 letters")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = []", "3: exec.command must be a list of a program and its arguments")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = [\"\", \"x\"]", "3: exec.command must be a list")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = [\"echo\", 1]", "3: exec.command must be a list")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = [\"echo\", \"a\\u0000b\"]", "3: exec.command must be a list")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = \" \"", "3: exec.command must be a list")]
    [InlineData("[[exec]]\nname = \"a\"\ncommand = [\"bin/status\"]", "3: exec.command begins with bin/status, which is no full path")]
    [InlineData("[exec]\nname = \"a\"", "1: [exec] must be written [[exec]], for there may be several.")]
    [InlineData("[exec.attributes]\na = \"1\"", "1: [exec.attributes] must follow a table [[exec]]")]
    [InlineData("[[exce]]\nname = \"a\"", "1: [[exce]] must be written [exce]")]
    public void What_is_wrong_is_said_with_key_file_and_line(string toml, string expected)
    {
        UserException error = Assert.Throws<UserException>(() => Load(toml));

        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains($"h.toml:{expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_or_program_that_others_can_change_is_not_obeyed()
    {
        string file = _folder.Write("h.toml", Minimal);
        string program = _folder.Write("program", "#!/bin/sh\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, Minimal.Replace("\"true\"", $"\"{program}\"", StringComparison.Ordinal));
        foreach ((UnixFileMode extra, bool isRefused) in new[] { (UnixFileMode.OtherRead, false), (UnixFileMode.GroupWrite, true), (UnixFileMode.OtherWrite, true) })
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);
            string[] problems = [.. SettingsLoader.Load(new() { ConfigFile = file }).ProblemsOfWhatIsSet()];
            Assert.Equal(isRefused ? [$"{file}:1: [[exec]] names commands to run, and {file} can be changed by other users: run chmod go-w {file}"] : [], problems);
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        Assert.Equal(
            [$"{file}:1: [[exec]] a runs {program}, and {program} can be changed by other users: run chmod go-w {program}"],
            SettingsLoader.Load(new() { ConfigFile = file }).ProblemsOfWhatIsSet(),
            StringComparer.Ordinal);
    }

    [Fact]
    public void A_folder_that_others_can_change_is_as_bad_as_the_file()
    {
        string file = _folder.Write("h.toml", Minimal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(_folder.Path, own | UnixFileMode.OtherWrite);
        Assert.Contains("can be changed by other users", TrustedFile.Problem(file), StringComparison.Ordinal);

        // As /tmp: nobody can replace another's file there.
        File.SetUnixFileMode(_folder.Path, own | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
        Assert.Null(TrustedFile.Problem(file));
        Assert.Null(TrustedFile.Problem(Path.Combine(_folder.Path, "nothing")));
    }

    [Fact]
    public void Verbs_that_run_no_commands_do_not_mind()
    {
        string file = _folder.Write("h.toml", Minimal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherWrite);

        Assert.Empty(SettingsLoader.Load(new() { ConfigFile = file }).Problems(SettingSections.Sink));
    }

    private HostwireOptions Load(string toml) => SettingsLoader.Load(new() { ConfigFile = _folder.Write("h.toml", toml) }).Options;
}
