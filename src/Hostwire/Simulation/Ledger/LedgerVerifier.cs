using Hostwire.Simulation.Hosts;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Simulation.Ledger;

/// <summary>Compares a ledger with what a database holds of its hosts: every time of every host, its names and values to the bit.</summary>
internal sealed class LedgerVerifier(LedgerFile ledger, NpgsqlDataSource database, TimeProvider time)
{
    private const int HostsPerQuery = 1000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Compares.</summary>
    /// <param name="wait">How long to wait, at most, until sinks have stored all that the ledger says is on the topic.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task<VerifyReport> RunAsync(TimeSpan wait, CancellationToken stopping)
    {
        Dictionary<int, long> stored = await WaitForSinksAsync(wait, stopping);
        var report = new VerifyReport { RecordsAcknowledged = ledger.RecordsAcknowledged, LedgerIsWhole = ledger.IsWhole };
        if (ledger.Entries.Count == 0)
        {
            return report;
        }

        (long from, long to) = (ledger.Entries.Min(entry => entry.Frame.TimeMicros), ledger.Entries.Max(entry => entry.Frame.TimeMicros));
        var frames = new StoredFrames(database, new StoredLayouts(database));
        int first = 0;
        for (int host = 0; host < ledger.Hosts.Length; host += HostsPerQuery)
        {
            int count = Math.Min(HostsPerQuery, ledger.Hosts.Length - host);
            int?[] ids = await HostIdsAsync(host, count, stopping);
            for (int place = 0; place < count; place++)
            {
                int end = first;
                while (end < ledger.Entries.Count && ledger.Entries[end].Host == host + place)
                {
                    end++;
                }

                await CompareAsync(report, frames, stored, ids[place], ledger.Hosts[host + place], (first, end), (from, to), stopping);
                first = end;
            }

            report.Quarantined += await QuarantinedAsync([.. ids.OfType<int>()], from, to, stopping);
        }

        return report;
    }

    private async Task CompareAsync(
        VerifyReport report, StoredFrames frames, Dictionary<int, long> stored, int? hostId, string host, (int First, int End) entries, (long From, long To) times, CancellationToken stopping)
    {
        int next = entries.First;
        if (hostId is { } id)
        {
            await foreach (LedgerFrame frame in frames.ReadAsync(id, times.From, times.To, stopping))
            {
                while (next < entries.End && ledger.Entries[next].Frame.TimeMicros < frame.TimeMicros)
                {
                    CountAbsent(report, stored, host, ledger.Entries[next++]);
                }

                if (next < entries.End && ledger.Entries[next].Frame.TimeMicros == frame.TimeMicros)
                {
                    CountPair(report, host, ledger.Entries[next++], frame);
                }
                else
                {
                    report.Extra++;
                    report.AddExample(host, frame.TimeMicros, "stored, and not in the ledger");
                }
            }
        }

        while (next < entries.End)
        {
            CountAbsent(report, stored, host, ledger.Entries[next++]);
        }
    }

    private static void CountPair(VerifyReport report, string host, in LedgerEntry entry, LedgerFrame frame)
    {
        if (entry.Frame != frame)
        {
            report.Different++;
            report.AddExample(host, frame.TimeMicros, $"{frame.Points} points with digest {frame.Digest}, and not {entry.Frame.Points} points with digest {entry.Frame.Digest}");
        }
        else if (entry.IsAcknowledged)
        {
            report.Equal++;
            report.PointsEqual += frame.Points;
        }
        else
        {
            report.UnacknowledgedStored++;
        }
    }

    private static void CountAbsent(VerifyReport report, Dictionary<int, long> stored, string host, in LedgerEntry entry)
    {
        if (!entry.IsAcknowledged)
        {
            report.UnacknowledgedAbsent++;
        }
        else if (entry.Offset >= stored.GetValueOrDefault(entry.Partition))
        {
            report.NotYetRead++;
        }
        else
        {
            report.Missing++;
            report.AddExample(host, entry.Frame.TimeMicros, $"missing; its record is at offset {entry.Offset} of partition {entry.Partition}");
        }
    }

    private async Task<int?[]> HostIdsAsync(int first, int count, CancellationToken stopping)
    {
        FleetRequest request = ledger.Header.Request;
        string[] names = ledger.Hosts[first..(first + count)];
        byte[][] identities = [.. names.Select(name => Identity.OfHost(name, SimulatedHost.IdOf(request.Seed, name)))];
        await using NpgsqlCommand command = database.CreateCommand("select host_id, name, identity from hostwire.host where identity = any($1)");
        command.Parameters.Add(new() { Value = identities });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stopping);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync(stopping))
        {
            // The identity alone would prove nothing about the name that people see.
            ids[$"{reader.GetString(1)} {Convert.ToHexString(reader.GetFieldValue<byte[]>(2))}"] = reader.GetInt32(0);
        }

        return [.. names.Select((name, place) => ids.TryGetValue($"{name} {Convert.ToHexString(identities[place])}", out int id) ? id : (int?)null)];
    }

    private async Task<long> QuarantinedAsync(int[] hostIds, long from, long to, CancellationToken stopping)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select count(distinct (host_id, time)) from hostwire.quarantine where host_id = any($1) and time between $2 and $3");
        command.Parameters.Add(new() { Value = hostIds });
        command.Parameters.Add(new() { Value = DateTime.UnixEpoch.AddTicks(from * TimeSpan.TicksPerMicrosecond) });
        command.Parameters.Add(new() { Value = DateTime.UnixEpoch.AddTicks(to * TimeSpan.TicksPerMicrosecond) });
        return (long)(await command.ExecuteScalarAsync(stopping) ?? 0L);
    }

    // Up to where sinks have stored each partition: the group that is furthest counts.
    private async Task<Dictionary<int, long>> WaitForSinksAsync(TimeSpan wait, CancellationToken stopping)
    {
        var wanted = new Dictionary<int, long>();
        foreach (LedgerEntry entry in ledger.Entries.Where(entry => entry.IsAcknowledged))
        {
            wanted[entry.Partition] = Math.Max(wanted.GetValueOrDefault(entry.Partition), entry.Offset + 1);
        }

        long start = time.GetTimestamp();
        while (true)
        {
            Dictionary<int, long> stored = await StoredOffsetsAsync(stopping);
            if (wanted.All(partition => stored.GetValueOrDefault(partition.Key) >= partition.Value) || time.GetElapsedTime(start) >= wait)
            {
                return stored;
            }

            await Task.Delay(LookEvery, time, stopping);
        }
    }

    private async Task<Dictionary<int, long>> StoredOffsetsAsync(CancellationToken stopping)
    {
        await using NpgsqlCommand command = database.CreateCommand("select partition, max(next_offset) from hostwire.kafka_offset where topic = $1 group by partition");
        command.Parameters.Add(new() { Value = ledger.Header.Topic ?? "" });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stopping);
        var stored = new Dictionary<int, long>();
        while (await reader.ReadAsync(stopping))
        {
            stored[reader.GetInt32(0)] = reader.GetInt64(1);
        }

        return stored;
    }
}
