using Hostwire.Diagnostics;
using Npgsql;

namespace Hostwire.Store.Roles;

/// <summary>What there is before roles are made, and whether this login may make them.</summary>
internal sealed record RoleState
{
    /// <summary>Who is logged in.</summary>
    public required string User { get; init; }

    /// <summary>Whether that is a superuser.</summary>
    public required bool IsSuperuser { get; init; }

    /// <summary>Whether it may make roles.</summary>
    public required bool MayMakeRoles { get; init; }

    /// <summary>Whether it can act for the owner already, as a member of it or as a superuser, so that this is nothing to be given and taken back.</summary>
    public required bool ActsForOwner { get; init; }

    /// <summary>Those of the four roles that are there.</summary>
    public required HashSet<string> Existing { get; init; }

    /// <summary>Those of them that may do things which none of the four should: make roles or databases, pass by every check.</summary>
    public required IReadOnlyList<string> TooMighty { get; init; }

    /// <summary>Looks.</summary>
    public static async Task<RoleState> ReadAsync(NpgsqlConnection connection, RoleNames names, CancellationToken cancellationToken)
    {
        const string question = """
            select current_user::text, me.rolsuper, me.rolsuper or me.rolcreaterole,
              coalesce((select pg_has_role(current_user, r.oid, 'member') from pg_roles r where r.rolname = $2), me.rolsuper),
              array(select rolname::text from pg_roles where rolname = any ($1)),
              array(select rolname::text from pg_roles where rolname = any ($1) and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls))
            from pg_roles me where me.rolname = current_user
            """;
        await using var command = new NpgsqlCommand(question, connection) { Parameters = { new() { Value = names.All.ToArray() }, new() { Value = names.Owner } } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new RoleState
        {
            User = reader.GetString(0),
            IsSuperuser = reader.GetBoolean(1),
            MayMakeRoles = reader.GetBoolean(2),
            ActsForOwner = reader.GetBoolean(3),
            Existing = reader.GetFieldValue<string[]>(4).ToHashSet(StringComparer.Ordinal),
            TooMighty = reader.GetFieldValue<string[]>(5),
        };
    }

    /// <summary>Fails where this cannot go well.</summary>
    /// <exception cref="UserException">A role is there that may too much, or one is missing and this login may make none.</exception>
    public void Require(RoleNames names)
    {
        if (TooMighty is [string mighty, ..])
        {
            throw new UserException(
                $"The role \"{mighty}\" is there already and may do more than the roles of Hostwire should (superuser, or it makes roles or databases): choose other names with --prefix.");
        }

        if (!MayMakeRoles && names.All.FirstOrDefault(name => !Existing.Contains(name)) is string missing)
        {
            throw new UserException(
                $"The role \"{User}\" may not make roles, and \"{missing}\" is missing: run this as one that may (CREATEROLE, or a superuser; Aiven: avnadmin), or give it what --dry-run prints.");
        }
    }
}
