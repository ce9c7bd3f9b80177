using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Several sinks meet the same new series at once; or one dies, or loses its connection, between the dictionary and the data.</summary>
internal sealed class DictionaryRace : Fault
{
    private static readonly string[] Ways = 
    [
        "at once", "killed before the dictionary's COMMIT", "killed after the dictionary's COMMIT", "cut off before the dictionary's COMMIT", "cut off after the dictionary's COMMIT",
    ];
    private static readonly string[] Tables = ["hostwire.series", "hostwire.layout_series"];

    private readonly string _how;
    private readonly string _table;

    public DictionaryRace(Random random)
        : base(23, "dictionary race")
    {
        _how = Draw("how", Ways[random.Next(Ways.Length)]);
        _table = Tables[random.Next(Tables.Length)];
    }

    public override int SinksMin => 2;

    public override int PartitionsMin => 2;

    /// <summary>All hosts have the same new series, in every third record.</summary>
    public override void Prepare(RoundPlan plan) => plan.NewSeriesEvery = 3;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        if (_how != "at once")
        {
            Draw("table", _table);
            TripPoint point = _how.Contains("before", StringComparison.Ordinal) ? TripPoint.BeforeText : TripPoint.BeforeAnswer;
            (WatchedProcess sink, ProxiedConnection connection) =
                await round.TripAsync(() => new Tripwire(FlowDirection.ToServer, point, 0, $"insert into {_table}", "COMMIT"), cancellationToken);
            if (_how.StartsWith("killed", StringComparison.Ordinal))
            {
                await sink.KillAsync(cancellationToken);
                connection.Cut();
                await round.StartSinkAsync(sink.Place, cancellationToken);
            }
            else
            {
                // It lives on, with whatever it believes to know now.
                connection.Cut();
            }
        }

        await round.AcceptAsync(3 * RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }
}
