using Hostwire.Diagnostics;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>The settings that live in the database, because all its sinks must share them.</summary>
internal static class StoredSettings
{
    /// <summary>Sets the retention and reads the rules by which records become frames.</summary>
    /// <exception cref="UserException">The rules are of another version than this program knows.</exception>
    public static async Task<FrameRules> PrepareAsync(NpgsqlDataSource database, int retentionDays, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        await using var retention = new NpgsqlCommand("select hostwire.set_retention($1)", connection) { Parameters = { new() { Value = retentionDays } } };
        await retention.ExecuteNonQueryAsync(cancellationToken);
        return await RulesAsync(connection, cancellationToken);
    }

    /// <summary>Reads the rules by which records become frames.</summary>
    /// <exception cref="UserException">The rules are of another version than this program knows.</exception>
    public static async Task<FrameRules> RulesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var rules = new NpgsqlCommand("select value::text from hostwire.setting where name = 'frame_rules'", connection);
        string? json = (string?)await rules.ExecuteScalarAsync(cancellationToken);
        try
        {
            return FrameRules.Parse(json ?? throw new InvalidDataException("it is missing"));
        }
        catch (InvalidDataException error)
        {
            throw new UserException($"The setting frame_rules in hostwire.setting cannot be used by this program ({error.Message}): install the hostwire that wrote it, or put it right.", error);
        }
    }
}
