using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CsCheck;
using Hostwire.Configuration;
using Hostwire.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hostwire.Tests.Diagnostics;

public sealed partial class LogOutputTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-08-01T14:00:00.1234567+02:00", CultureInfo.InvariantCulture);

    [Fact]
    public void An_event_is_one_line_of_key_value_pairs() =>
        Assert.Equal(
            "time=2026-08-01T12:00:00.123456Z level=info component=sink msg=\"Stored 5 frames of otlp_metrics.\" frames=5 topic=otlp_metrics\n",
            Lines(new(), "Hostwire.Sink.SinkService", log => Stored(log, 5, "otlp_metrics")));

    [Fact]
    public void An_event_is_one_JSON_object_with_numbers_as_numbers() =>
        Assert.Equal(
            "{\"time\":\"2026-08-01T12:00:00.123456Z\",\"level\":\"info\",\"component\":\"sink\",\"msg\":\"Stored 5 frames of m\\u00E9triques.\",\"frames\":5,\"topic\":\"métriques\"}\n"
                .Replace("m\\u00E9triques", "métriques", StringComparison.Ordinal),
            Lines(new() { Format = "json" }, "Hostwire.Sink.SinkService", log => Stored(log, 5, "métriques")));

    [Theory]
    [InlineData("It was gone before.")]
    [InlineData("cpu, load, memory every 10 s; processes every 30 s")]
    public void What_the_sentence_holds_at_length_is_not_said_twice_but_stays_a_field_in_JSON(string value)
    {
        Assert.EndsWith($"of {value}.\" frames=1\n", Lines(new(), "x", log => Stored(log, 1, value)), StringComparison.Ordinal);
        Assert.Equal(value, JsonDocument.Parse(Lines(new() { Format = "json" }, "x", log => Stored(log, 1, value))).RootElement.GetProperty("topic").GetString());
    }

    [Theory]
    [InlineData("plain-1.2_3/x:4@y,z", "plain-1.2_3/x:4@y,z")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\"")]
    [InlineData("x\nlevel=error msg=forged", "\"x\\nlevel=error msg=forged\"")]
    [InlineData("\r\t\0\u001b[2J\u007f\u0085", "\"\\r\\t\\u0000\\u001b[2J\\u007f\\u0085\"")]
    [InlineData("a\u2028b\u2029c\u202Ed\u200Be\uFEFF", "\"a\\u2028b\\u2029c\\u202ed\\u200be\\ufeff\"")]
    [InlineData("größe 尺寸 😀", "\"größe 尺寸 😀\"")]
    public void A_value_cannot_leave_its_quotes(string value, string expected) =>
        Assert.EndsWith($" topic={expected}\n", Lines(new(), "x", log => Stored(log, 1, value)), StringComparison.Ordinal);

    // A fact of its own: the runner would hand half a surrogate over as something else.
    [Fact]
    public void Half_a_character_is_escaped() =>
        Assert.EndsWith(" topic=\"half \\ud83d\"\n", Lines(new(), "x", log => Stored(log, 1, "half \ud83d")), StringComparison.Ordinal);

    [Fact]
    public void Whatever_comes_off_the_wire_stays_on_one_line_and_JSON_gives_it_back() =>
        Gen.String[Gen.Char, 0, 30].Sample(value =>
        {
            string text = Lines(new(), "x", log => Stored(log, 1, value));
            string json = Lines(new() { Format = "json" }, "x", log => Stored(log, 1, value));
            bool paired = value.Equals(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)), StringComparison.Ordinal);
            return text.IndexOf('\n', StringComparison.Ordinal) == text.Length - 1
                && !text[..^1].Any(char.IsControl)
                && !json[..^1].Any(char.IsControl)
                && (!paired || JsonDocument.Parse(json).RootElement.GetProperty("topic").ValueEquals(value));
        });

    [Theory]
    [InlineData("debug", "debug info warning error")]
    [InlineData("info", "info warning error")]
    [InlineData("warning", "warning error")]
    [InlineData("error", "error")]
    public void Only_the_levels_asked_for_are_written(string level, string expected)
    {
        string lines = Lines(new() { Level = level }, "x", log =>
        {
            At(log, LogLevel.Debug);
            At(log, LogLevel.Information);
            At(log, LogLevel.Warning);
            At(log, LogLevel.Error);
        });

        Assert.Equal(expected, string.Join(' ', lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]["level=".Length..])));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public void An_exception_is_one_line_with_its_causes_and_a_stack_trace_only_at_debug(string format)
    {
        IOException error = Thrown(new IOException("Cannot connect.", new SocketException(111, "Refused\nby the host")));

        string info = Lines(new() { Format = format }, "x", log => Failed(log, error));
        string debug = Lines(new() { Format = format, Level = "debug" }, "x", log => Failed(log, error));

        Assert.Contains("IOException: Cannot connect, because SocketException: Refused\\nby the host.", info, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Thrown), info, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), debug, StringComparison.Ordinal);
        Assert.Equal(1, debug.Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("RecordsDropped", "records_dropped")]
    [InlineData("TopicID", "topic_id")]
    [InlineData("TLSFile", "tls_file")]
    [InlineData("lagSecondsMax", "lag_seconds_max")]
    [InlineData("Error", "error_")]
    [InlineData("Level", "level_")]
    public void Fields_are_spelt_like_settings(string name, string expected) => Assert.Equal(expected, LogField.Name(name));

    [Fact]
    public void Values_are_written_the_same_in_every_country() =>
        Assert.Equal(
            ["null", "true", "1.5", "2026-08-01T12:00:00.123456Z", "1,2,3"],
            new object?[] { null, true, 1.5, Now, new[] { 1, 2, 3 } }.Select(LogField.Text),
            StringComparer.Ordinal);

    [Fact]
    public void A_stderr_that_nobody_reads_any_more_stops_nothing() =>
        Assert.Null(Record.Exception(() =>
        {
            ILogger log = new LogOutput(new(), new FixedTime(Now), new BrokenPipe()).CreateLogger("x");
            Stored(log, 1, "x");
        }));

    [Fact]
    public async Task Threads_do_not_mix_their_lines()
    {
        var stream = new MemoryStream();
        var output = new LogOutput(new(), new FixedTime(Now), stream);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            ILogger log = output.CreateLogger("x");
            for (int i = 0; i < 200; i++)
            {
                Stored(log, i, "otlp_metrics");
            }
        })));

        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1600, lines.Length);
        Assert.All(lines, line => Assert.Matches("^time=[^ ]+ level=info component=x msg=\"Stored [0-9]+ frames of otlp_metrics.\" frames=[0-9]+ topic=otlp_metrics$", line));
    }

    private static string Lines(LogOptions options, string category, Action<ILogger> write)
    {
        var stream = new MemoryStream();
        write(new LogOutput(options, new FixedTime(Now), stream).CreateLogger(category));
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static IOException Thrown(IOException error)
    {
        try
        {
            throw error;
        }
        catch (IOException caught)
        {
            return caught;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored {Frames} frames of {Topic}.")]
    private static partial void Stored(ILogger logger, int frames, string topic);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Failed.")]
    private static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(Message = "Something.")]
    private static partial void At(ILogger logger, LogLevel level);

    private sealed class BrokenPipe : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe");
    }
}
