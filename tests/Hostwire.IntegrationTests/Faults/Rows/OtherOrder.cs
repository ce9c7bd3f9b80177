using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>The same points in another order, several times in one record, fields that nobody knows, and the same again shuffled: one layout, each point once.</summary>
/// <remarks>Mutated bytes against protoc's parser are the fast tests' business, by the million.</remarks>
internal sealed class OtherOrder : Fault
{
    private const string Host = "shuffled";

    private readonly int _seed;

    public OtherOrder(Random random)
        : base(24, "points in other orders") => _seed = random.Next();

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        var random = new Random(_seed);
        SyntheticHost host = round.MakeHost(Host);
        for (int i = 0; i < 100; i++)
        {
            int before = host.Sent.Count;
            byte[] value = [.. Enumerable.Range(0, random.Next(1, 11)).SelectMany(_ => Rewrite(host.NextRecord(), random))];
            LedgerRecord record = round.Ledger.Add([.. host.Sent.Skip(before)]);
            int partition = random.Next(round.Plan.Partitions);
            round.Producer.Send(record, value, partition, Host);
            if (random.Next(5) == 0)
            {
                round.Producer.Send(record, WireShuffle.Shuffle(value, random), partition, Host);
            }
        }

        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
        await round.DrainAsync(cancellationToken);
        long layouts = await round.Database.AdminScalarAsync<long>(
            $"SELECT count(DISTINCT layout_id) FROM hostwire.frame JOIN hostwire.host USING (host_id) WHERE name = '{Host}'", cancellationToken);
        if (layouts != 1)
        {
            round.Complaints.Add(string.Create(CultureInfo.InvariantCulture, $"One set of series has {layouts} layouts."));
        }
    }

    private static byte[] Rewrite(byte[] record, Random random)
    {
        byte[] shuffled = WireShuffle.Shuffle(record, random);
        if (random.Next(4) > 0)
        {
            return shuffled;
        }

        // Fields of a version to come: a number and a message.
        using var more = new MemoryStream();
        more.Write(shuffled);
        ProtoWriter.WriteVarintField(more, 1_000, (ulong)random.NextInt64());
        ProtoWriter.WriteString(more, 1_001, "of another version");
        return more.ToArray();
    }
}
