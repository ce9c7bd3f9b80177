using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The database is replaced by an older copy of itself behind the same address, as by a failover that lost the last seconds.</summary>
internal sealed class DatabaseSetBack : Fault
{
    private readonly int _points;

    public DatabaseSetBack(Random random)
        : base(20, "database set back") => _points = Draw("points lost", random.Next(1, 5) * RoundRunner.AcceptedMin);

    public override int SinksMin => 2;

    public override int PartitionsMin => 2;

    /// <summary>Series that are new all the time: their numbers are given away again after the fall-back, to others.</summary>
    public override void Prepare(RoundPlan plan) => plan.NewSeriesEvery = 5;

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        string name = round.Database.Name;
        string copy = $"{name}_copy";
        round.OffsetsMayGoBack = true;
        await AloneAsync(round, $"CREATE DATABASE {copy} TEMPLATE {name}", cancellationToken);
        await round.AcceptAsync(_points, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
        await AloneAsync(round, $"ALTER DATABASE {name} RENAME TO {name}_lost; ALTER DATABASE {copy} RENAME TO {name}", cancellationToken);
        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
        await ExecuteAsync(round, $"DROP DATABASE {name}_lost WITH (FORCE)", cancellationToken);
    }

    /// <summary>Does something to the database that needs it without sessions.</summary>
    private static async Task AloneAsync(Round round, string sql, CancellationToken cancellationToken)
    {
        FaultProxy[] proxies = round.Stand.SinkToPostgres;
        Array.ForEach(proxies, proxy => proxy.RefusesConnections = true);
        Array.ForEach(proxies, proxy => proxy.CutAll());
        round.Database.ForgetConnections();
        await ExecuteAsync(round, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{round.Database.Name}'", cancellationToken);
        await round.UntilAsync(
            async () =>
            {
                foreach (string statement in sql.Split("; "))
                {
                    await ExecuteAsync(round, statement, cancellationToken);
                }

                return true;
            },
            "the database to be without sessions",
            cancellationToken);
        Array.ForEach(proxies, proxy => proxy.RefusesConnections = false);
    }

    private static async Task ExecuteAsync(Round round, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(round.Stand.Postgres.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
