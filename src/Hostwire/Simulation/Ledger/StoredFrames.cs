using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Hostwire.Simulation.Ledger;

/// <summary>Reads what a host has in <c>hostwire.frame</c>, and makes the digest of each time of it from the names and values that are stored.</summary>
internal sealed class StoredFrames(NpgsqlDataSource database, StoredLayouts layouts)
{
    private readonly List<double> _values = [];
    private readonly List<byte[]> _digests = [];
    private readonly StringBuilder _key = new();
    private byte[] _room = [];

    /// <summary>Everything the host has from one time up to and including another, in order.</summary>
    public async IAsyncEnumerable<LedgerFrame> ReadAsync(int hostId, long fromMicros, long toMicros, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select time, layout_id, values from hostwire.host_slot join hostwire.frame using (host_id, slot) where host_id = $1 and time between $2 and $3 order by time, layout_id");
        command.Parameters.Add(new() { Value = hostId });
        command.Parameters.Add(new() { Value = TimeOf(fromMicros) });
        command.Parameters.Add(new() { Value = TimeOf(toMicros) });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        long? time = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            long micros = (reader.GetDateTime(0) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            if (time is { } last && last != micros)
            {
                yield return Take(last);
            }

            time = micros;
            Add(reader.GetInt32(1), await layouts.DigestsAsync(reader.GetInt32(1), cancellationToken), reader.GetFieldValue<double?[]>(2));
        }

        if (time is { } newest)
        {
            yield return Take(newest);
        }
    }

    private void Add(int layout, byte[][] digests, double?[] values)
    {
        _key.Append(CultureInfo.InvariantCulture, $"{layout}");
        for (int place = 0; place < values.Length; place++)
        {
            if (values[place] is { } value)
            {
                _values.Add(value);
                _digests.Add(digests[place]);
            }
            else
            {
                _key.Append(CultureInfo.InvariantCulture, $"-{place}");
            }
        }

        _key.Append(' ');
    }

    private LedgerFrame Take(long micros)
    {
        FramePlan plan = layouts.PlanOf(_key.ToString(), _digests.ToArray());
        if (_room.Length < plan.RoomBytes)
        {
            _room = new byte[2 * plan.RoomBytes];
        }

        var frame = new LedgerFrame(micros, _values.Count, plan.Hash(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values), _room));
        _values.Clear();
        _digests.Clear();
        _key.Clear();
        return frame;
    }

    private static DateTime TimeOf(long micros) => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
