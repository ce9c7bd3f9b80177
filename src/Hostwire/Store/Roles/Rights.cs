using Npgsql;

namespace Hostwire.Store.Roles;

/// <summary>Rights in the schema: <c>Rights.sql</c>, for the roles whose names are kept in <c>hostwire.setting</c>.</summary>
internal static class Rights
{
    /// <summary>The SQL that hands them out, for these roles; the schema's owner runs it.</summary>
    public static string Sql(RoleNames names) => names.Name(Resource("Rights"));

    /// <summary>The SQL that keeps the names for later migrations.</summary>
    public static string Remember(RoleNames names) => names.Name("""
        insert into hostwire.setting (name, value, description)
        values ('roles', '{"owner": "hostwire_owner", "sink": "hostwire_sink", "reader": "hostwire_reader", "maintenance": "hostwire_maintenance"}',
          'The roles that migrations grant rights to, made by "hostwire db roles".')
        on conflict (name) do update set value = excluded.value, updated_at = now() where setting.value <> excluded.value;

        """);

    /// <summary>The roles that were made for this schema; null where there are none (any more), or no schema yet.</summary>
    public static async Task<RoleNames?> RolesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string exists = "select exists (select from pg_class where relname = 'setting' and relnamespace = (select oid from pg_namespace where nspname = 'hostwire'))";
        await using (var look = new NpgsqlCommand(exists, connection))
        {
            if (!(bool)(await look.ExecuteScalarAsync(cancellationToken))!)
            {
                return null;
            }
        }

        await using var command = new NpgsqlCommand(
            """
            select value ->> 'owner', value ->> 'sink', value ->> 'reader', value ->> 'maintenance' from hostwire.setting
            where name = 'roles' and (select count(*) from pg_roles where rolname in (value ->> 'owner', value ->> 'sink', value ->> 'reader', value ->> 'maintenance')) = 4
            """,
            connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new RoleNames(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3))
            : null;
    }

    /// <summary>The text of a file beside this one.</summary>
    public static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Rights).Assembly.GetManifestResourceStream($"Roles/{name}.sql")!);
        return reader.ReadToEnd();
    }
}
