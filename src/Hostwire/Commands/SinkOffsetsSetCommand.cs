using System.CommandLine;
using System.Globalization;
using Confluent.Kafka;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Hostwire.Kafka;
using Hostwire.Sink;
using Hostwire.Store;
using Npgsql;

namespace Hostwire.Commands;

/// <summary><c>hostwire sink offsets set</c>: has sinks read a partition on from another offset.</summary>
/// <remarks>It claims the partition as a sink would: whoever has it cannot store under its claim any more, claims anew, and so begins where this says.</remarks>
internal static class SinkOffsetsSetCommand
{
    private const string Earliest = "earliest";
    private const string Latest = "latest";
    private const string Owner = "hostwire sink offsets set";

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var partition = new Option<int>("--partition") { Description = "The partition of kafka.topic.", HelpName = "N", Required = true };
        var to = new Option<string>("--to")
        {
            Description = $"The offset of the next record to store: a number, {Earliest} (all that Kafka has is read again; what is stored already is recognised), or {Latest} (all that is not stored yet is skipped, and hostwire.gap says so).",
            HelpName = "OFFSET",
            Required = true,
        };
        var yes = new Option<bool>("--yes") { Description = "Do it. Without it only what would be done is said." };
        return VerbFrame.Attach(
            new Command("set", "Has the sinks of sink.group read a partition on from another offset, while they run or not. Says what would be done, and does it with --yes.") { partition, to, yes },
            SettingSections.Kafka | SettingSections.Postgres | SettingSections.Sink,
            SettingSections.Kafka | SettingSections.Postgres | SettingSections.Sink,
            (verb, stopping) => RunAsync(verb, verb.Arguments.GetValue(partition), verb.Arguments.GetValue(to)!, verb.Arguments.GetValue(yes), stopping));
    }

    private static async Task<ExitCode> RunAsync(VerbContext verb, int partition, string to, bool yes, CancellationToken stopping)
    {
        long? number = long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : null;
        if (number is null && to is not (Earliest or Latest))
        {
            throw new UserException($"--to must be a number, {Earliest} or {Latest}.", ExitCode.Usage);
        }

        HostwireOptions options = verb.Options;
        using var admin = new TopicAdmin(options.Kafka, verb.Loggers, verb.Time);
        await using NpgsqlDataSource database = PostgresDataSource.Create(options.Postgres);
        try
        {
            await Migrator.RequireCurrentAsync(database, stopping);
            PartitionFacts facts = await admin.InspectAsync(partition, stopping);
            long target = number ?? (to is Earliest ? facts.Earliest : facts.Latest);
            if (target < facts.Earliest || target > facts.Latest)
            {
                throw new UserException(string.Create(
                    CultureInfo.InvariantCulture, $"Kafka has the offsets {facts.Earliest} to {facts.Latest} of partition {partition} of topic {options.Kafka.Topic}: --to must be one of them."));
            }

            await SetAsync(verb, database, partition, facts, target, yes, stopping);
            return ExitCode.Success;
        }
        catch (Exception error) when (PostgresTrouble.IsRetryable(error))
        {
            throw new UserException((await PostgresTrouble.FindAsync(error, options.Postgres, stopping)).Sentence, error);
        }
    }

    private static async Task SetAsync(VerbContext verb, NpgsqlDataSource database, int partition, PartitionFacts facts, long target, bool yes, CancellationToken stopping)
    {
        (string group, string topic) = (verb.Options.Sink.Group, verb.Options.Kafka.Topic);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(stopping);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stopping);
        StoredOffset stored = await OffsetTable.LockAsync(connection, group, topic, partition, stopping)
            ?? throw new UserException($"No sink of group {group} has claimed partition {partition} of topic {topic} yet, so there is nothing to set: its first claim begins at the earliest offset.");
        if (stored.TopicId.Length > 0 && facts.TopicId.Length > 0 && stored.TopicId != facts.TopicId)
        {
            throw new UserException($"Topic {topic} was deleted and made again since a sink last claimed partition {partition}: start a sink, which notices and begins with the new one.");
        }

        verb.Output.WriteLine(Describe(group, topic, partition, stored.NextOffset, target));
        if (!yes)
        {
            verb.Output.WriteLine("Nothing was changed: give --yes to do it.");
            return;
        }

        if (stored.NextOffset == target)
        {
            return;
        }

        var claim = new PartitionClaim(new TopicPartition(topic, partition), facts.ClusterId, facts.TopicId, stored.OwnerEpoch + 1, target);
        if (target > stored.NextOffset)
        {
            await OffsetTable.WriteGapAsync(
                connection, group, claim, new OffsetGap(facts.ClusterId, facts.TopicId, stored.NextOffset, target, "Skipped by hand: hostwire sink offsets set."), stopping);
        }

        await OffsetTable.WriteAsync(connection, group, Owner, claim, stopping);
        await transaction.CommitAsync(stopping);
        verb.Output.WriteLine("Done. A sink that runs notices within 15 s, claims the partition anew and reads on from there.");
    }

    private static string Describe(string group, string topic, int partition, long from, long to)
    {
        string what = (to - from) switch
        {
            0 => "That is where it is.",
            < 0 => $"{from - to} records are read again; of those, what is stored already is recognised and not stored twice.",
            _ => $"{to - from} records are skipped and never stored; hostwire.gap will say so.",
        };
        return $"Group {group}, topic {topic}, partition {partition}: next offset {from} -> {to}. {what}";
    }
}
