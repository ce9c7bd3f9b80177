using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hostwire.Diagnostics;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink dead-letters</c>: shows records that could not be stored.</summary>
internal static class SinkDeadLettersCommand
{
    private const int LimitUsual = 50;
    private const int LimitMax = 1_000_000;
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var limit = new Option<int>("--limit")
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"How many to show, the newest first. [{LimitUsual}]"),
            HelpName = "N",
            DefaultValueFactory = _ => LimitUsual,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line, with key and payload in base 64." };
        return DbCommand.Attach(
            new Command("dead-letters", "Shows the records that could not be stored: where they were read, why they were set aside, and when they were tried again.") { limit, json },
            (verb, database, cancellationToken) => RunAsync(verb, database, verb.Arguments.GetValue(limit), verb.Arguments.GetValue(json), cancellationToken));
    }

    private static async Task RunAsync(VerbContext verb, NpgsqlDataSource database, int limit, bool json, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > LimitMax)
        {
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"--limit must be from 1 to {LimitMax}."), ExitCode.Usage);
        }

        await Migrator.RequireCurrentAsync(database, cancellationToken);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken);
        IReadOnlyList<DeadLetterRow> letters = await DeadLetterTable.ListAsync(connection, limit, withContent: json, cancellationToken);
        if (json)
        {
            foreach (DeadLetterRow letter in letters)
            {
                verb.Output.WriteLine(Json(letter));
            }

            return;
        }

        (long all, long withoutPayload, _) = await DeadLetterTable.CountAsync(connection, only: [], cancellationToken);
        if (letters.Count > 0)
        {
            TextTable.Write(verb.Output, ["ID", "RECEIVED", "TOPIC", "PARTITION", "OFFSET", "BYTES", "TRIED AGAIN", "REASON"], letters.Select(Row));
            verb.Output.WriteLine();
        }

        verb.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all} dead letters, {letters.Count} shown; {withoutPayload} of all have no payload and cannot be tried again. Times are UTC."));
    }

    private static string[] Row(DeadLetterRow letter) =>
    [
        letter.Id.ToString(CultureInfo.InvariantCulture),
        letter.ReceivedAt.ToString(TimeFormat, CultureInfo.InvariantCulture),
        letter.Topic,
        letter.Partition.ToString(CultureInfo.InvariantCulture),
        letter.Offset.ToString(CultureInfo.InvariantCulture),
        letter.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "gone",
        letter.TriedAt?.ToString(TimeFormat, CultureInfo.InvariantCulture) ?? "-",
        letter.Reason,
    ];

    private static string Json(DeadLetterRow letter)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, letter.Id);
            json.WriteString("received_at"u8, letter.ReceivedAt);
            json.WriteString("topic"u8, letter.Topic);
            json.WriteNumber("partition"u8, letter.Partition);
            json.WriteNumber("offset"u8, letter.Offset);
            json.WriteString("reason"u8, letter.Reason);
            WriteOptional(json, "tried_at", letter.TriedAt);
            WriteBytes(json, "key", letter.Key);
            WriteBytes(json, "payload", letter.Payload);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, DateTime? time)
    {
        if (time is { } known)
        {
            json.WriteString(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteBytes(Utf8JsonWriter json, string name, byte[]? bytes)
    {
        if (bytes is not null)
        {
            json.WriteBase64String(name, bytes);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
