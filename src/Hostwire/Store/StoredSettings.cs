using Hostwire.Diagnostics;
using Hostwire.Sink;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Hostwire.Store;

/// <summary>The settings that live in the database, because all its sinks must share them.</summary>
internal static partial class StoredSettings
{
    // Null where the retention is not to be shortened.
    private const string DaysToDrop = """
        select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'hostwire.frame'::regclass and c.relname ~ '^frame_[0-9]{8}$'
          and to_date(substr(c.relname, 7), 'YYYYMMDD') < (now() at time zone 'UTC')::date - $1::integer
        having hostwire.limit_of('retention_days') > $1::integer
        """;

    /// <summary>Sets the retention and reads the rules by which records become frames.</summary>
    /// <exception cref="UserException">The rules are of another version than this program knows.</exception>
    public static async Task<FrameRules> PrepareAsync(NpgsqlDataSource database, int retentionDays, ILogger logger, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var shortened = new NpgsqlCommand(DaysToDrop, connection) { Parameters = { new() { Value = retentionDays } } })
        {
            if (await shortened.ExecuteScalarAsync(cancellationToken) is long days and > 0)
            {
                LogRetentionShortened(logger, retentionDays, days);
            }
        }

        await using var retention = new NpgsqlCommand("select hostwire.set_retention($1)", connection) { Parameters = { new() { Value = retentionDays } } };
        await retention.ExecuteNonQueryAsync(cancellationToken);
        return await RulesAsync(connection, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "sink.retention_days is {Days} and was more in this database: {Dropped} days of metrics are dropped by the maintenance that follows. Where that is wrong, stop this sink at once")]
    private static partial void LogRetentionShortened(ILogger logger, int days, long dropped);

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
