using System.Globalization;
using Hostwire.IntegrationTests.Rig;
using Npgsql;

namespace Hostwire.EndToEnd.Drain;

/// <summary>What psql needs for the same points: the narrow table that one would make without thinking, and ready-made frames, the ceiling.</summary>
internal sealed class Yardsticks(PostgresServer postgres, DrainData data)
{
    /// <summary>Copies the narrow rows; returns the seconds and the bytes of the table with its key.</summary>
    /// <param name="withChecksum">Whether to work out what the database must hold; that takes its time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(double Seconds, long Bytes, Checksum? Checksum)> NarrowAsync(bool withChecksum, CancellationToken cancellationToken)
    {
        await using TestDatabase database = await postgres.CreateEmptyDatabaseAsync(cancellationToken);
        await database.ExecuteAsync("create table narrow (series_id integer not null, time timestamptz not null, value double precision not null, primary key (series_id, time))", cancellationToken);
        double seconds = await CopyAsync(database, "narrow (series_id, time, value)", data.NarrowFile);
        long bytes = await database.AdminScalarAsync<long>("select pg_total_relation_size('narrow')", cancellationToken);
        if (!withChecksum)
        {
            return (seconds, bytes, null);
        }

        await WriteNamesAsync(database, cancellationToken);
        return (seconds, bytes, await Checksum.OfNarrowAsync(database, cancellationToken));
    }

    /// <summary>Copies the frames; returns the seconds and the bytes of the table with its key.</summary>
    public async Task<(double Seconds, long Bytes)> FramesAsync(CancellationToken cancellationToken)
    {
        await using TestDatabase database = await postgres.CreateDatabaseAsync(cancellationToken);
        foreach (DateOnly day in data.Days)
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"select hostwire.ensure_partition('{day:yyyy-MM-dd}')"), cancellationToken);
        }

        double seconds = await CopyAsync(database, "hostwire.frame (time, host_id, layout_id, slot, values)", data.FrameFile);
        long points = await database.AdminScalarAsync<long>("select sum(cardinality(values))::bigint from hostwire.frame", cancellationToken);
        return points == data.Points ? (seconds, await FrameBytesAsync(database, cancellationToken)) : throw new BenchFailedException($"the copied frames hold {points} points of {data.Points}");
    }

    /// <summary>Bytes of all frames with their indexes.</summary>
    public static Task<long> FrameBytesAsync(TestDatabase database, CancellationToken cancellationToken) => database.AdminScalarAsync<long>(
        "select sum(pg_total_relation_size(inhrelid))::bigint from pg_inherits where inhparent = 'hostwire.frame'::regclass", cancellationToken);

    private async Task<double> CopyAsync(TestDatabase database, string target, string file)
    {
        await database.ExecuteAsync("checkpoint");
        string psql = Path.Combine(PostgresBinaries.Find()!, "psql");
        string[] arguments =
        [
            "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--host", postgres.Host, "--port", postgres.Port.ToString(CultureInfo.InvariantCulture), "--username", postgres.User, "--dbname", database.Name,
            "--command", $"\\copy {target} from '{file}' (format binary)",
        ];
        await using ChildProcess process = await ChildProcess.StartAsync(psql, arguments, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PGPASSWORD"] = postgres.Password });
        long start = TimeProvider.System.GetTimestamp();
        int exitCode = await process.WaitForExitAsync(TimeSpan.FromHours(1));
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return exitCode == 0 ? seconds : throw new BenchFailedException($"psql ended with {exitCode}: {process.StandardError}");
    }

    private async Task WriteNamesAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync("create table name (series_id integer not null, host text not null, metric text not null, attributes jsonb not null)", cancellationToken);
        await using NpgsqlConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using NpgsqlBinaryImporter importer = await connection.BeginBinaryImportAsync("copy name (series_id, host, metric, attributes) from stdin (format binary)", cancellationToken);
        for (int host = 0; host < data.Hosts; host++)
        {
            for (int series = 0; series < data.Shape.Series.Count; series++)
            {
                await importer.StartRowAsync(cancellationToken);
                await importer.WriteAsync((host * data.Shape.Series.Count) + series + 1, cancellationToken);
                await importer.WriteAsync(data.Shape.HostName(host), cancellationToken);
                await importer.WriteAsync(data.Shape.Series[series].Metric, cancellationToken);
                await importer.WriteAsync(data.Shape.Series[series].AttributesJson, NpgsqlTypes.NpgsqlDbType.Jsonb, cancellationToken);
            }
        }

        await importer.CompleteAsync(cancellationToken);
    }
}
