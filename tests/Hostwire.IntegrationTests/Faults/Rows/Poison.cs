using System.Globalization;
using Hostwire.IntegrationTests.EndToEnd;

namespace Hostwire.IntegrationTests.Faults.Rows;

/// <summary>Records among the good ones that are none, or that nobody can store.</summary>
internal sealed class Poison : Fault
{
    private const string RefusedHost = "refused-by-postgresql";

    private static readonly string[] Kinds =
        ["random bytes", "cut short", "deep nesting", "a length of a gigabyte", "too many series", "refused by PostgreSQL"];

    private readonly string[] _kinds;
    private readonly int _seed;

    public Poison(Random random)
        : base(16, "poison")
    {
        _kinds = [.. Kinds.Where(_ => random.Next(2) == 0).DefaultIfEmpty(Kinds[random.Next(Kinds.Length)])];
        Draw("kinds", string.Join(", ", _kinds));
        Draw("each", 5);
        _seed = random.Next();
    }

    public override async Task RunAsync(Round round, CancellationToken cancellationToken)
    {
        // What PostgreSQL refuses for itself is caught by the product's own limits: so a host is refused here, as bad data, by a rule of this database.
        await round.Database.ExecuteAsync(
            $"""
            CREATE OR REPLACE FUNCTION rig.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no such host here' USING ERRCODE = '22023'; END $$;
            CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON hostwire.host FOR EACH ROW WHEN (NEW.name = '{RefusedHost}') EXECUTE FUNCTION rig.refuse();
            """,
            cancellationToken);
        var random = new Random(_seed);
        for (int i = 0; i < 5; i++)
        {
            foreach (string kind in _kinds)
            {
                (byte[] value, RecordFate fate) = Make(kind, random, round);
                round.Producer.Send(round.Ledger.Add([], fate), value, random.Next(round.Plan.Partitions));
            }

            await Task.Delay(random.Next(50), cancellationToken);
        }

        await round.AcceptAsync(RoundRunner.AcceptedMin, cancellationToken);
        await round.StoreMoreAsync(cancellationToken);
    }

    private static (byte[] Value, RecordFate Fate) Make(string kind, Random random, Round round)
    {
        switch (kind)
        {
            case "random bytes":
                byte[] noise = new byte[random.Next(1, 4_000)];
                random.NextBytes(noise);
                return (noise, RecordFate.RefusedOrEmpty);
            case "cut short":
                byte[] whole = round.MakeHost("cut-short").NextRecord();
                return (whole[..random.Next(1, whole.Length)], RecordFate.Refused);
            case "deep nesting":
                return (Nested(random.Next(101, 20_000)), RecordFate.Refused);
            case "a length of a gigabyte":
                return ([0x0A, 0x80, 0x80, 0x80, 0x80, 0x04, .. new byte[random.Next(100)]], RecordFate.Refused);
            case "too many series":
                return (ManySeries(random.Next(20_001, 25_000)), RecordFate.Refused);
            default:
                return (round.MakeHost(RefusedHost).NextRecord(), RecordFate.Refused);
        }
    }

    /// <summary>An attribute that is a list in a list in a list.</summary>
    private static byte[] Nested(int depth)
    {
        byte[] value = [];
        for (int i = 0; i < depth; i++)
        {
            using var list = new MemoryStream();
            // AnyValue.array_value > ArrayValue.values
            byte[] inner = value;
            ProtoWriter.WriteMessage(list, 5, array => ProtoWriter.WriteMessage(array, 1, one => one.Write(inner)));
            value = list.ToArray();
        }

        using var record = new MemoryStream();
        ProtoWriter.WriteMessage(record, 1, metrics => ProtoWriter.WriteMessage(metrics, 1, resource => ProtoWriter.WriteMessage(resource, 1, attribute =>
        {
            ProtoWriter.WriteString(attribute, 1, "deep");
            ProtoWriter.WriteMessage(attribute, 2, any => any.Write(value));
        })));
        return record.ToArray();
    }

    /// <summary>More series than anybody has seen in one record.</summary>
    private static byte[] ManySeries(int count)
    {
        using var record = new MemoryStream();
        ProtoWriter.WriteMessage(record, 1, resource => ProtoWriter.WriteMessage(resource, 2, scope => ProtoWriter.WriteMessage(scope, 2, metric =>
        {
            ProtoWriter.WriteString(metric, 1, "rig.many");
            ProtoWriter.WriteMessage(metric, 5, gauge =>
            {
                for (int i = 0; i < count; i++)
                {
                    string number = i.ToString(CultureInfo.InvariantCulture);
                    ProtoWriter.WriteMessage(gauge, 1, point =>
                    {
                        ProtoWriter.WriteFixed64(point, 3, 1_700_000_000_000_000_000);
                        ProtoWriter.WriteFixed64(point, 4, 0);
                        ProtoWriter.WriteMessage(point, 7, attribute =>
                        {
                            ProtoWriter.WriteString(attribute, 1, "n");
                            ProtoWriter.WriteMessage(attribute, 2, any => ProtoWriter.WriteString(any, 1, number));
                        });
                    });
                }
            });
        })));
        return record.ToArray();
    }
}
