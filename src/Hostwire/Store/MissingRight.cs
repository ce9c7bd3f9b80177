using Hostwire.Diagnostics;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Turns "permission denied" for the schema into the grant that is missing.</summary>
internal static class MissingRight
{
    /// <summary>Says in one sentence which role may not do what, and what to run; asks the catalogue, so the connection must be out of its failed transaction.</summary>
    public static async Task<UserException> ExplainAsync(NpgsqlConnection connection, PostgresException exception, CancellationToken cancellationToken)
    {
        const string question = """
            select current_user, quote_ident(current_user), quote_ident(current_database()),
              (select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'hostwire')
            """;
        await using var command = new NpgsqlCommand(question, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        string role = reader.GetString(0);
        string message = await reader.IsDBNullAsync(3, cancellationToken)
            ? $"""
                The role "{role}" may not create the schema hostwire ({exception.MessageText}): run "hostwire db roles" once as an administrator, which makes it and the roles to use it, or "grant create on database {reader.GetString(2)} to {reader.GetString(1)}" as the database's owner.
                """
            : $"""
                The role "{role}" may not do this in the schema hostwire ({exception.MessageText}): run "hostwire db migrate" as the schema's owner, "{reader.GetString(3)}"; "hostwire db roles" makes roles that have every right they need.
                """;
        return new UserException(message, exception);
    }
}
