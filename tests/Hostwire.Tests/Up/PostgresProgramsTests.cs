using Hostwire.Tests.Configuration;
using Hostwire.Up;

namespace Hostwire.Tests.Up;

public sealed class PostgresProgramsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_newest_version_that_is_whole_is_taken()
    {
        string nine = Install("9"), fifteen = Install("15"), sixteen = Path.Combine(_folder.Path, "16");
        Directory.CreateDirectory(sixteen);
        Assert.Equal(fifteen, PostgresPrograms.Find(null, [(9, nine), (16, sixteen), (15, fifteen)], [])?.Folder);
    }

    [Fact]
    public void Data_is_served_by_its_own_version()
    {
        string fourteen = Install("14"), fifteen = Install("15");
        Assert.Equal(fourteen, PostgresPrograms.Find(14, [(14, fourteen), (15, fifteen)], [])?.Folder);
        Assert.Null(PostgresPrograms.Find(13, [(14, fourteen), (15, fifteen)], []));
    }

    [Fact]
    public void The_path_comes_last()
    {
        string own = Install("own"), fifteen = Install("15");
        Assert.Equal(own, PostgresPrograms.Find(null, [], [_folder.Path, own])?.Folder);
        Assert.Equal(fifteen, PostgresPrograms.Find(null, [(15, fifteen)], [own])?.Folder);
    }

    [Fact]
    public void Links_count_for_what_they_lead_to()
    {
        string gone = Path.Combine(_folder.Path, "gone"), linked = Path.Combine(_folder.Path, "linked"), fifteen = Install("15");
        foreach ((string folder, string target) in new[] { (gone, Path.Combine(_folder.Path, "removed")), (linked, fifteen) })
        {
            Directory.CreateDirectory(folder);
            File.CreateSymbolicLink(Path.Combine(folder, "initdb"), Path.Combine(target, "initdb"));
            File.CreateSymbolicLink(Path.Combine(folder, "postgres"), Path.Combine(target, "postgres"));
        }

        Assert.Equal(linked, PostgresPrograms.Find(null, [], [gone, linked])?.Folder);
    }

    [Fact]
    public void Psql_is_named_as_short_as_works()
    {
        string folder = Install("15");
        File.WriteAllText(Path.Combine(folder, "psql"), "");
        Assert.Equal("psql", new PostgresPrograms(folder).Psql([_folder.Path, folder]));
        Assert.Equal(Path.Combine(folder, "psql"), new PostgresPrograms(folder).Psql([_folder.Path]));
    }

    public void Dispose() => _folder.Dispose();

    private string Install(string name)
    {
        string folder = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "initdb"), "");
        File.WriteAllText(Path.Combine(folder, "postgres"), "");
        return folder;
    }
}
