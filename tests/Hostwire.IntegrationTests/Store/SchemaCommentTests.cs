using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Store;

public sealed class SchemaCommentTests(PostgresServer server)
{
    [Theory]
    [InlineData("schema", "select 'hostwire' as object, obj_description('hostwire'::regnamespace, 'pg_namespace') as comment")]
    [InlineData("tables, partitions and views", "select relname, obj_description(oid, 'pg_class') from pg_class where relnamespace = 'hostwire'::regnamespace and relkind in ('r', 'p', 'v')")]
    [InlineData("columns", """
        select c.relname || '.' || a.attname, col_description(c.oid, a.attnum) from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
        """)]
    [InlineData("indexes that are no key", """
        select c.relname, obj_description(c.oid, 'pg_class') from pg_class c
        where c.relnamespace = 'hostwire'::regnamespace and c.relkind in ('i', 'I') and not exists (select from pg_constraint k where k.conindid = c.oid)
        """)]
    [InlineData("functions", "select proname, obj_description(oid, 'pg_proc') from pg_proc where pronamespace = 'hostwire'::regnamespace")]
    public async Task Every_object_of_the_database_says_what_it_is(string kind, string objects)
    {
        await using HandMadeStore store = await HandMadeStore.CreateAsync(server);
        Assert.NotEmpty(await store.RowsAsync(objects));
        string[] mute = await store.RowsAsync($"select object from ({objects}) o (object, comment) where comment is null or comment = ''");
        Assert.True(mute.Length == 0, $"No comment on these {kind}: {string.Join(", ", mute)}");
    }
}
