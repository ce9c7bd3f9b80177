using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using Hostwire.Metrics;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>Our decoder and our JSON against the parser that protoc generates, on records at random, whole and damaged.</summary>
/// <remarks>
/// <c>HOSTWIRE_TEST_FUZZ_SECONDS</c> lets each of the random tests run that long instead of its number of records; <c>CsCheck_Seed</c> repeats a failure.
/// </remarks>
public sealed class OtlpDifferentialTests
{
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("HOSTWIRE_TEST_FUZZ_SECONDS") ?? "-1", CultureInfo.InvariantCulture);

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true));

    private static readonly byte[][] SampleRecords = [.. Samples.Folders.SelectMany(Samples.Records).Select(record => record.Bytes)];

    // The large ones are compared whole; damaged again and again they would take most of the time.
    private static readonly byte[][] SmallSampleRecords = [.. Samples.Records(Samples.Folders[0]).Select(record => record.Bytes)];

    [Fact]
    public void Decodes_real_records_as_the_generated_parser_does()
    {
        foreach (byte[] record in SampleRecords)
        {
            Assert.Equal("taken", Compare(record));
        }
    }

    [Fact]
    public void Takes_and_refuses_what_the_generated_parser_takes_and_refuses_and_finds_the_same()
    {
        var outcomes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        Sample(new RecordGen(SmallSampleRecords), 20_000, record => outcomes.AddOrUpdate(Compare(record), 1, (_, count) => count + 1));

        // A generator that had lost its way would make this test pass without testing anything.
        Assert.All(["taken", "taken with points", "malformed", "refused"], outcome => Assert.True(outcomes.GetValueOrDefault(outcome) > 500, $"{outcome}: {outcomes.GetValueOrDefault(outcome)}"));
    }

    [Fact]
    public void Refuses_every_beginning_of_a_record_that_the_generated_parser_refuses()
    {
        byte[] record = new OtlpEncoder(new HostIdentity("web-1", "0123"), 1, "1").Encode(Points()).ToArray();
        for (int length = 0; length <= record.Length; length++)
        {
            Compare(record[..length]);
        }
    }

    [Fact]
    public void Json_is_that_of_the_generated_formatter()
    {
        Sample(new RecordGen([]), 2_000, CompareJson);
        CompareJson(SampleRecords[0]);
        CompareJson(SampleRecords[^1]);
    }

    private static string Compare(byte[] record)
    {
        var decoded = new DecodedRecord();
        return OtlpComparison.Compare(record, OtlpDecoder.TryDecode(record, decoded), decoded);
    }

    private static void CompareJson(byte[] record)
    {
        var ours = new ArrayBufferWriter<byte>();
        DecodeResult result = OtlpJsonWriter.Write(record, ours, indented: false);
        if (!GeneratedParser.TryParse(record, out ExportMetricsServiceRequest? request))
        {
            Assert.True(result.IsMalformed);
            Assert.Equal(0, ours.WrittenCount);
            return;
        }

        Assert.True(result.IsOk);
        var options = new JsonDocumentOptions { MaxDepth = 1_000 };
        using JsonDocument expected = JsonDocument.Parse(Formatter.Format(request), options);
        using JsonDocument actual = JsonDocument.Parse(ours.WrittenMemory, options);
        JsonComparer.AssertEqual(expected.RootElement, actual.RootElement);
    }

    private static void Sample(Gen<byte[]> records, int count, Action<byte[]> check) =>
        records.Sample(check, iter: count, time: Seconds, print: Convert.ToHexStringLower);

    private static ScrapePoint[] Points()
    {
        var metric = new Hostwire.Metrics.Metric
        {
            Name = "system.memory.usage", Unit = "By", Kind = MetricKind.UpDown, IsInteger = true, Description = "", Source = "", AttributeKeys = ["state"],
        };
        return [.. new[] { "used", "free", "cached" }.Select(state => new ScrapePoint(new Series(metric, state), 1_795_446_423_471_806_000, 12_345L))];
    }
}
