using Hostwire.Store;

namespace Hostwire.Tests.Store;

public sealed class MigrationCatalogueTests
{
    [Fact]
    public void Migrations_are_numbered_from_one_without_holes()
    {
        IReadOnlyList<Migration> all = MigrationCatalogue.Load();
        Assert.NotEmpty(all);
        Assert.Equal(Enumerable.Range(1, all.Count), all.Select(migration => migration.Version));
    }

    [Fact]
    public void A_migration_is_known_by_its_text()
    {
        Assert.Equal("001_tables", new Migration(1, "tables", "select 1;").ToString());
        Assert.True(new Migration(1, "tables", "select 1;").Sha256.SequenceEqual(new Migration(2, "other", "select 1;").Sha256));
        Assert.False(new Migration(1, "tables", "select 1;").Sha256.SequenceEqual(new Migration(1, "tables", "select 2;").Sha256));
    }

    [Fact]
    public void No_migration_asks_for_more_than_plain_postgresql()
    {
        foreach (Migration migration in MigrationCatalogue.Load())
        {
            Assert.DoesNotContain("create extension", migration.Sql, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\r", migration.Sql, StringComparison.Ordinal);
        }
    }
}
