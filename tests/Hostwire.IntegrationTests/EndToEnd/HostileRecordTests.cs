using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>A record that was made to hurt costs the published sink bounded memory and one dead letter, and the records around it are stored.</summary>
public sealed class HostileRecordTests(KafkaBroker kafka, PostgresServer postgres, PublishedBinary hostwire) : IDisposable
{
    private const int Megabyte = 1024 * 1024;

    // What docs/security.md says of a sink that is sent any of these.
    private const long PeakMaxKilobytes = 250 * 1024;

    private readonly TestDirectory _files = new("hostile");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each with a part of the reason for which it is refused.</summary>
    public static TheoryData<string, string> Records() => new()
    {
        { "half a million series", "more than 20000 series that were never seen before" },
        { "a million series", "The record is longer than 16777216 bytes; its payload is not kept." },
        { "a million buckets", "more than 20000 series that were never seen before" },
        { "long attributes of many series", "more than 32 MiB of attributes" },
        { "1.6 million attributes", "The attributes of a point are longer than" },
        { "a length of a gigabyte", "" },
        { "a hundred thousand messages within each other", "" },
        { "a hundred thousand JSON objects within each other", "Not OTLP JSON: arrayValue at byte" },
        { "an attribute of a point of 10 MB", "The attributes of a point are longer than 65536 bytes" },
        { "an attribute of a resource of 10 MB", "longer than" },
        { "a name of 10 MB", "longer than 1024 bytes" },
        { "a million resources", "The record holds no point" },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public async Task It_costs_bounded_memory_and_one_dead_letter(string what, string reason)
    {
        byte[] hostile = Make(what);
        string topic = await kafka.CreateTopicAsync(config: Sizes(64 * Megabyte), cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var host = new SyntheticHost("web-1", seed: 1);
        RawRecord[] before = [.. Enumerable.Range(0, 100).Select(_ => new RawRecord(host.NextRecord()))];
        RawRecord[] after = [.. Enumerable.Range(0, 100).Select(_ => new RawRecord(host.NextRecord()))];
        await kafka.Client.ProduceAsync(topic, [.. before, new RawRecord(hostile), .. after], Cancellation);

        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        long peak = PeakKilobytes(sink);
        await SinkSettings.StopAsync(sink, Cancellation);

        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        string? letters = await database.AdminScalarAsync<string>(
            "SELECT string_agg(format('%s %s %s', record_offset, coalesce(octet_length(payload), 0), reason), E'\\n') FROM hostwire.dead_letter", Cancellation);
        int kept = hostile.Length > 16 * Megabyte ? 0 : hostile.Length;
        Assert.StartsWith($"100 {kept} ", letters, StringComparison.Ordinal);
        Assert.Contains(reason, letters, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", letters, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hostwire.series WHERE attributes::text LIKE '%hostile%'", Cancellation));
        TestContext.Current.SendDiagnosticMessage("{0}: {1} bytes, {2} kB resident at most", what, hostile.Length, peak);
        Assert.True(peak <= PeakMaxKilobytes, string.Create(CultureInfo.InvariantCulture, $"The sink had {peak} kB resident for {what} ({hostile.Length} bytes)."));
    }

    [Fact]
    public async Task Many_records_that_are_all_new_are_stored_with_bounded_memory()
    {
        const int records = 10;
        const int series = 15_000;
        string topic = await kafka.CreateTopicAsync(config: Sizes(64 * Megabyte), cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        await kafka.Client.ProduceAsync(
            topic,
            Enumerable.Range(0, records).Select(record => new RawRecord(Metric(metric => Message(metric, 5, gauge =>
            {
                for (int number = 0; number < series; number++)
                {
                    gauge.Write(Point(number.ToString(CultureInfo.InvariantCulture)));
                }
            }), $"new.{record}"))),
            Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        long peak = PeakKilobytes(sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        Assert.Equal($"{records * series} 0", await database.AdminScalarAsync<string>(
            "SELECT (SELECT count(*) FROM hostwire.metrics) || ' ' || (SELECT count(*) FROM hostwire.dead_letter)", Cancellation));
        Assert.True(peak <= PeakMaxKilobytes, string.Create(CultureInfo.InvariantCulture, $"The sink had {peak} kB resident."));
    }

    [Fact]
    public async Task Hundreds_of_thousands_of_values_for_one_point_cost_a_thousand_rows()
    {
        string topic = await kafka.CreateTopicAsync(config: Sizes(64 * Megabyte), cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        byte[] first = Point("x");
        using var without = new MemoryStream();
        // The same series and time, and the flag that says that nothing was recorded.
        Message(without, 1, fields =>
        {
            fields.Write(first.AsSpan(2));
            ProtoWriter.WriteVarintField(fields, 8, 1);
        });
        byte[] repeat = without.ToArray();
        byte[] record = Metric(metric => Message(metric, 5, gauge =>
        {
            gauge.Write(first);
            for (int number = 0; number < 300_000; number++)
            {
                gauge.Write(repeat);
            }
        }));
        await kafka.Client.ProduceAsync(topic, [new RawRecord(record)], Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        Assert.Equal("1 1000", await database.AdminScalarAsync<string>(
            "SELECT (SELECT count(*) FROM hostwire.metrics) || ' ' || (SELECT count(*) FROM hostwire.conflict)", Cancellation));
    }

    [Theory]
    [InlineData(CompressionType.Gzip, 200)]
    [InlineData(CompressionType.Lz4, 200)]
    [InlineData(CompressionType.Snappy, 20)]
    public async Task A_megabyte_that_expands_to_hundreds_costs_what_it_expands_to_and_one_dead_letter(CompressionType type, int megabytes)
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var host = new SyntheticHost("web-1", seed: 1);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        await kafka.Client.ProduceCompressedAsync(topic, type, [new(new byte[megabytes * Megabyte])], Cancellation);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        long peak = PeakKilobytes(sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal("1 true", await database.AdminScalarAsync<string>("SELECT string_agg(record_offset || ' ' || (payload IS NULL), ',') FROM hostwire.dead_letter", Cancellation));

        // Once, in the client; a copy of our own would be as much again.
        long most = (1024 * megabytes) + (PeakMaxKilobytes / 2);
        Assert.True(peak <= most, string.Create(CultureInfo.InvariantCulture, $"The sink had {peak} kB resident for {megabytes} MB in {type}."));
    }

    [Fact]
    public async Task A_batch_that_the_client_does_not_unpack_is_complained_of_and_passed_over_by_hand()
    {
        string topic = await kafka.CreateTopicAsync(cancellationToken: Cancellation);
        await using TestDatabase database = await postgres.CreateDatabaseAsync(Cancellation);
        var host = new SyntheticHost("web-1", seed: 1);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        await kafka.Client.ProduceCompressedAsync(topic, CompressionType.Zstd, [new(new byte[200 * Megabyte])], Cancellation);
        await kafka.Client.ProduceAsync(topic, [new(host.NextRecord())], Cancellation);
        await using ChildProcess sink = await StartSinkAsync(topic, database);
        await sink.WaitForLineAsync(line => line.Contains("cannot be unpacked", StringComparison.Ordinal) && line.Contains("pass over it with `hostwire sink offsets set`", StringComparison.Ordinal), Cancellation);
        string maintenance = await _files.WriteAsync("maintenance.toml", SinkSettings.Text(kafka.BootstrapServers, topic, database.UriOf(database.Roles.Maintenance)));
        RunResult passed = await hostwire.RunAsync(["sink", "offsets", "set", "--partition", "0", "--to", "2", "--yes", "--config", maintenance], cancellationToken: Cancellation);
        Assert.True(passed.ExitCode == 0, passed.StandardError);
        await SinkSettings.WaitUntilAllIsStoredAsync(kafka, topic, database, Cancellation, sink);
        await SinkSettings.StopAsync(sink, Cancellation);
        StoredPoints.AssertSame(host.Sent, await StoredPoints.ReadAsync(database, Cancellation));
        Assert.Equal("1 2", await database.ScalarAsync<string>("SELECT string_agg(from_offset || ' ' || to_offset, ',') FROM hostwire.gap", Cancellation));
    }

    [Fact]
    public async Task A_topic_that_keeps_its_records_uncompressed_refuses_what_expands_beyond_its_limit()
    {
        string topic = await kafka.CreateTopicAsync(config: new(StringComparer.Ordinal) { ["compression.type"] = "uncompressed" }, cancellationToken: Cancellation);
        ProduceException<byte[], byte[]> refused = await Assert.ThrowsAsync<ProduceException<byte[], byte[]>>(
            () => kafka.Client.ProduceCompressedAsync(topic, CompressionType.Gzip, [new(new byte[20 * Megabyte])], Cancellation));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static Dictionary<string, string> Sizes(int bytes) => new(StringComparer.Ordinal) { ["max.message.bytes"] = bytes.ToString(CultureInfo.InvariantCulture) };

    private async Task<ChildProcess> StartSinkAsync(string topic, TestDatabase database) =>
        await hostwire.StartAsync(["sink", "--config", await _files.WriteAsync("sink.toml", SinkSettings.Text(kafka, topic, database))]);

    // The most that it ever had, as the kernel counts.
    private static long PeakKilobytes(ChildProcess process) => long.Parse(
        File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static byte[] Make(string what) => what switch
    {
        // Half of them are a little less than what is looked into.
        "half a million series" => Series(500_000),
        "a million series" => Series(1_000_000),
        "a million buckets" => Metric(metric => Message(metric, 9, histogram =>
        {
            ProtoWriter.WriteVarintField(histogram, 2, 2);
            Message(histogram, 1, point =>
            {
                ProtoWriter.WriteFixed64(point, 3, Now);
                Bytes(point, 6, new byte[8 * 499_000]);
                byte[] bounds = new byte[8 * 498_999];
                for (int number = 0; number < 498_999; number++)
                {
                    BitConverter.TryWriteBytes(bounds.AsSpan(8 * number), (double)number);
                }

                Bytes(point, 7, bounds);
            });
        })),
        "long attributes of many series" => Metric(
            metric => Message(metric, 5, gauge =>
            {
                for (int number = 0; number < 19_000; number++)
                {
                    gauge.Write(Point(number.ToString(CultureInfo.InvariantCulture)));
                }
            }),
            attribute: new string('\u0001', 60_000),
            key: "hostile"),
        "1.6 million attributes" => Metric(metric => Message(metric, 5, gauge => Message(gauge, 1, point =>
        {
            ProtoWriter.WriteFixed64(point, 3, Now);
            ProtoWriter.WriteFixed64(point, 4, 0);
            for (int number = 0; number < 1_600_000; number++)
            {
                byte[] name = Encoding.ASCII.GetBytes(number.ToString("x6", CultureInfo.InvariantCulture));
                point.Write([0x3A, 0x08, 0x0A, 0x06, .. name]);
            }
        }))),
        "a length of a gigabyte" => [0x0A, 0x80, 0x80, 0x80, 0x80, 0x04, .. new byte[Megabyte]],
        "a hundred thousand messages within each other" => Nested(100_000),
        "a hundred thousand JSON objects within each other" => Encoding.ASCII.GetBytes(
            """{"resourceMetrics":[{"resource":{"attributes":[{"key":"deep","value":""" + string.Concat(Enumerable.Repeat("""{"arrayValue":{"values":[""", 50_000))),
        "an attribute of a point of 10 MB" => Metric(metric => Message(metric, 5, gauge => gauge.Write(Point(new string('a', 10 * Megabyte))))),
        "an attribute of a resource of 10 MB" => Metric(metric => Message(metric, 5, gauge => gauge.Write(Point("0"))), attribute: new string('a', 10 * Megabyte)),
        "a name of 10 MB" => Metric(metric => Message(metric, 5, gauge => gauge.Write(Point("0"))), name: new string('a', 10 * Megabyte)),
        "a million resources" => [.. Enumerable.Range(0, 2_000_000).Select(index => (byte)(index % 2 == 0 ? 0x0A : 0))],
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "nothing of that name"),
    };

    // Named by four letters or digits each.
    private static byte[] Series(int count) => Metric(metric => Message(metric, 5, gauge =>
    {
        for (int number = 0; number < count; number++)
        {
            gauge.Write(Point(new string([Digit(number / 46_656), Digit(number / 1296), Digit(number / 36), Digit(number)])));
        }
    }));

    private static char Digit(int number) => "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];

    private static ulong Now => (ulong)TimeProvider.System.GetUtcNow().AddMinutes(-10).ToUnixTimeMilliseconds() * 1_000_000;

    private static byte[] Metric(Action<Stream> data, string name = "hostile.metric", string attribute = "hostile", string key = "host.id")
    {
        using var record = new MemoryStream();
        Message(record, 1, resourceMetrics =>
        {
            Message(resourceMetrics, 1, resource => Attribute(resource, 1, key, attribute));
            Message(resourceMetrics, 2, scopeMetrics => Message(scopeMetrics, 2, metric =>
            {
                ProtoWriter.WriteString(metric, 1, name);
                data(metric);
            }));
        });
        return record.ToArray();
    }

    private static byte[] Point(string attribute)
    {
        using var point = new MemoryStream();
        Message(point, 1, fields =>
        {
            ProtoWriter.WriteFixed64(fields, 3, Now);
            ProtoWriter.WriteFixed64(fields, 4, 0);
            Attribute(fields, 7, "n", attribute);
        });
        return point.ToArray();
    }

    private static void Attribute(Stream to, int field, string key, string value) => Message(to, field, attribute =>
    {
        ProtoWriter.WriteString(attribute, 1, key);
        Message(attribute, 2, any => ProtoWriter.WriteString(any, 1, value));
    });

    /// <summary>The value of an attribute: a list in a list in a list.</summary>
    private static byte[] Nested(int depth)
    {
        // From the inside out, so that every length is known: AnyValue.array_value > ArrayValue.values.
        byte[] buffer = new byte[12 * depth];
        int start = buffer.Length;
        for (int level = 0; level < 2 * depth; level++)
        {
            int length = buffer.Length - start;
            int digits = 1;
            for (int rest = length >> 7; rest > 0; rest >>= 7)
            {
                digits++;
            }

            start -= digits + 1;
            buffer[start] = (byte)((level % 2 == 0 ? 1 : 5) << 3 | 2);
            for (int digit = 0; digit < digits; digit++)
            {
                buffer[start + 1 + digit] = (byte)((length >> (7 * digit) & 0x7F) | (digit < digits - 1 ? 0x80 : 0));
            }
        }

        byte[] value = buffer[start..];
        using var record = new MemoryStream();
        Message(record, 1, metrics => Message(metrics, 1, resource => Message(resource, 1, attribute =>
        {
            ProtoWriter.WriteString(attribute, 1, "deep");
            Bytes(attribute, 2, value);
        })));
        return record.ToArray();
    }

    private static void Bytes(Stream to, int field, byte[] bytes) => Message(to, field, content => content.Write(bytes));

    private static void Message(Stream to, int field, Action<Stream> content) => ProtoWriter.WriteMessage(to, field, content);
}
