using System.Globalization;
using CsCheck;
using Hostwire.Sink;
using Hostwire.Tests.Otlp;
using Hostwire.Tests.Sink;

namespace Hostwire.Tests.Fuzz;

/// <summary>Records of shapes that the sink has learned: whatever their bytes, they make the frames that a sink makes of them that has learned nothing.</summary>
internal sealed class OtlpShapesTarget : FuzzTarget
{
    private static readonly byte[][] Records = [.. Samples.Folders.Select(folder => Samples.Records(folder).First().Bytes), .. Enumerable.Range(0, 4).Select(Small)];

    private readonly FrameBatch _learned = NewBatch();
    private readonly DictionaryNumbers _numbers = new();

    public OtlpShapesTarget()
    {
        for (int round = 0; round < 3; round++)
        {
            Array.ForEach(Records, record => Frames(_learned, record));
        }
    }

    protected override byte[][] Originals => Records;

    public override void Check(byte[] input)
    {
        string expected = Frames(NewBatch(), input);
        Assert.Equal(expected, Frames(_learned, input));
    }

    // Mostly the small ones, which cost less.
    protected override byte[] Valid(PCG random) => Records[random.Next(50) == 0 ? random.Next(2) : 2 + random.Next(4)];

    // Other values and times, the same shape.
    protected override byte[] Other(PCG random)
    {
        byte[] record = [.. Valid(random)];
        int at = (int)random.Next((uint)record.Length);
        record[at] ^= (byte)(1 << (int)random.Next(8));
        return record;
    }

    private static byte[] Small(int number)
    {
        byte[][] points = [.. Enumerable.Range(0, 2 + number).Select(n => OtlpRecord.Point(Decoded.Nanos, n + 0.5, OtlpRecord.Attribute("n", $"{n}")))];
        return OtlpRecord.Of(
            OtlpRecord.Resource([OtlpRecord.Attribute("host.name", $"web-{number}")], OtlpRecord.Gauge("gauge", points), OtlpRecord.Sum("sum", "By", isMonotonic: true, points)),
            OtlpRecord.Resource([OtlpRecord.Attribute("host.name", $"web-{number}"), OtlpRecord.Attribute("process.executable.name", "db")], OtlpRecord.Gauge("p", points)));
    }

    private static FrameBatch NewBatch() => new(new SeriesCache(Decoded.Rules), Decoded.Rules);

    private string Frames(FrameBatch batch, byte[] record)
    {
        batch.Decode([Decoded.Raw(record)]);
        _numbers.Number(batch);
        batch.Arrange();
        _numbers.Number(batch);
        IEnumerable<string> frames = batch.Frames.Select(frame => string.Create(
            CultureInfo.InvariantCulture,
            $"{Convert.ToHexString(frame.Host.Identity)} {frame.TimeMicros} {frame.Layout.Id}: {string.Join(' ', batch.ValuesOf(frame).Select(value => value is { } number ? BitConverter.DoubleToInt64Bits(number) : (long?)null))}"));
        return string.Join('\n', [
            .. frames.Order(StringComparer.Ordinal), .. batch.DeadLetters.Select(letter => letter.Reason),
            $"{batch.InexactValues} {batch.DuplicatePoints} {string.Join(' ', batch.Conflicts.Select(conflict => BitConverter.DoubleToInt64Bits(conflict.Value)).Order())}",
        ]);
    }
}
