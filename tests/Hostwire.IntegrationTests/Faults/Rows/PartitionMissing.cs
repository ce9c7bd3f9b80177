using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Frames of days that have no partition: not yet, not any more, for a time, or never.</summary>
internal sealed class PartitionMissing : Fault
{
    private static readonly string[] Ways = ["past and future days", "taken away under the sink", "cannot be made for a time"];

    private readonly string _how;
    private readonly int _day;

    public PartitionMissing(Random random)
        : base(22, "partition missing")
    {
        _how = Draw("how", Ways[random.Next(Ways.Length)]);
        _day = Draw("days ago", random.Next(3, 7));
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        SyntheticHost past = round.MakeHost("past", Micros(now.AddDays(-_day)));
        switch (_how)
        {
            case "past and future days":
                SendFarOff(round, now);
                break;
            case "taken away under the sink":
                Send(round, past, 20);
                string partition = string.Create(CultureInfo.InvariantCulture, $"frame_{now.AddDays(-_day):yyyyMMdd}");
                await round.UntilAsync(
                    async () => await round.Database.AdminScalarAsync<bool>(
                        $"SELECT count(*) >= 20 FROM hostwire.frame f JOIN hostwire.host h USING (host_id) WHERE h.name = '{past.Name}'", cancellationToken),
                    "the frames of a past day",
                    cancellationToken);
                await round.Database.ExecuteAsync(
                    $"ALTER TABLE hostwire.frame DETACH PARTITION hostwire.{partition}; ALTER TABLE hostwire.{partition} SET SCHEMA rig", cancellationToken);
                Send(round, past, 20);
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                await round.StoreMoreAsync(cancellationToken);
                // The comparison at the end wants those that were taken away too.
                await round.DrainAsync(cancellationToken);
                await round.Database.ExecuteAsync($"INSERT INTO hostwire.frame SELECT * FROM rig.{partition}", cancellationToken);
                break;
            default:
                await round.Database.ExecuteAsync("ALTER FUNCTION hostwire.ensure_partition(date) RENAME TO ensure_partition_elsewhere", cancellationToken);
                Send(round, past, 20);
                await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
                await round.Database.ExecuteAsync("ALTER FUNCTION hostwire.ensure_partition_elsewhere(date) RENAME TO ensure_partition", cancellationToken);
                break;
        }

        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }

    private static void SendFarOff(Round round, DateTimeOffset now)
    {
        (string Name, DateTimeOffset Time, RecordFate Fate)[] days =
        [
            ("two-days-ahead", now.AddDays(2), RecordFate.Stored),
            ("five-days-ago", now.AddDays(-5), RecordFate.Stored),
            ("1970", DateTimeOffset.UnixEpoch.AddDays(1), RecordFate.Quarantined),
            ("years-ago", now.AddYears(-3), RecordFate.Quarantined),
            ("next-year", now.AddYears(1), RecordFate.Quarantined),
        ];
        foreach ((string name, DateTimeOffset time, RecordFate fate) in days)
        {
            SyntheticHost host = round.MakeHost(name, Micros(time));
            for (int i = 0; i < 20; i++)
            {
                round.Producer.SendNext(host, i % round.Plan.Partitions, fate: fate);
            }
        }
    }

    private static void Send(Round round, SyntheticHost host, int records)
    {
        for (int i = 0; i < records; i++)
        {
            round.Producer.SendNext(host, i % round.Plan.Partitions);
        }
    }

    // At noon, so that no day begins while they are sent.
    private static long Micros(DateTimeOffset time) => new DateTimeOffset(time.UtcDateTime.Date.AddHours(12), TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;
}
