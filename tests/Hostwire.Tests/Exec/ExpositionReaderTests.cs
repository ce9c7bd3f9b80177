using System.Globalization;
using System.Text;
using CsCheck;
using Hostwire.Exec;

namespace Hostwire.Tests.Exec;

public sealed class ExpositionReaderTests
{
    [Theory]
    [InlineData("a 1", "a|1")]
    [InlineData("app.queue-length/all 1", "app.queue-length/all|1")]
    [InlineData("  a\t 1.5 \r", "a|1.5")]
    [InlineData("a{} 1", "a|1")]
    [InlineData("a {x=\"1\"} 1", "a x=1|1")]
    [InlineData("a{x=\"1\",y=\"2\",} 1", "a x=1 y=2|1")]
    [InlineData("a{ x = \"1\" , y = \"\" }1", "a x=1 y=|1")]
    [InlineData("a{x=\"}, \\\"b\\\" \\\\\"} 1", "a x=}, \\\"b\\\" \\\\|1")]
    [InlineData("{\"my name\", x=\"1\"} 1", "my name x=1|1")]
    [InlineData("{x=\"1\",\"näme\"} 1", "näme x=1|1")]
    [InlineData("a{\"http.method\"=\"GET\"} 1", "a http.method=GET|1")]
    [InlineData("a 1 1700000000000", "a|1")]
    [InlineData("a 1 1700000000.123", "a|1")]
    [InlineData("a_bucket{le=\"1\"} 8 # {trace_id=\"0\"} 0.67", "a_bucket le=1|8")]
    [InlineData("a 1 123 # {x=\"y\"} 1 1", "a|1")]
    [InlineData("a +1e3", "a|1000")]
    [InlineData("a -.5", "a|-0.5")]
    [InlineData("a 5.", "a|5")]
    [InlineData("a NaN", "a|NaN")]
    [InlineData("a +Inf", "a|Infinity")]
    [InlineData("a -inf", "a|-Infinity")]
    public void A_sample_is_read(string line, string expected) => Assert.Equal([expected], Read(line));

    [Theory]
    [InlineData("a", "has no value")]
    [InlineData("a{x=\"1\"}", "has no value")]
    [InlineData("a one", "has a value that is no number")]
    [InlineData("a 0x10", "has a value that is no number")]
    [InlineData("a 1,5", "has a value that is no number")]
    [InlineData("a +", "has a value that is no number")]
    [InlineData("a infinit", "has a value that is no number")]
    [InlineData("a 1 soon", "has something behind its value that is no time")]
    [InlineData("a 1 2 3", "has something behind its time")]
    [InlineData("1a 1", "does not begin with the name of a metric")]
    [InlineData("ä 1", "has a character in its name", "does not begin with the name of a metric")]
    [InlineData("a(b) 1", "has a character in its name that must stand in quotes")]
    [InlineData("{x=\"1\"} 1", "has no name of a metric")]
    [InlineData("a{\"b\"} 1", "has two names")]
    [InlineData("a{x=\"1\" y=\"2\"} 1", "has labels that are not separated by commas")]
    [InlineData("a{x=1} 1", "has a label whose value is not in quotes")]
    [InlineData("a{x} 1", "has a label without a value")]
    [InlineData("a{=\"1\"} 1", "has a label without a name")]
    [InlineData("a{\"\"=\"1\"} 1", "has a label without a name")]
    [InlineData("a{1x=\"1\"} 1", "has a label without a name")]
    [InlineData("a{x=\"1} 1", "has a quote that is not closed")]
    [InlineData("a{x=\"1\\\"} 1", "has a quote that is not closed")]
    [InlineData("a{x=\"1\"", "has braces that are not closed")]
    [InlineData("a{", "has braces that are not closed")]
    [InlineData("# TYPE a", "is no # TYPE NAME KIND")]
    [InlineData("# TYPE", "is no # TYPE NAME KIND")]
    [InlineData("# UNIT", "is no # UNIT NAME UNIT")]
    [InlineData("# TYPE \"a counter", "is no # TYPE NAME KIND")]
    public void A_line_that_is_none_says_why(string line, params string[] problems) => Assert.Contains(Assert.Single(Read(line)), problems.Select(problem => $"1 {problem}").Append($"1 {problems[0]}"), StringComparer.Ordinal);

    [Fact]
    public void Comments_and_empty_lines_count_as_lines_and_nothing_else() =>
        Assert.Equal(
            ["type a counter", "unit a seconds", "a|1", "7 has no value", "b|2"],
            Read("\n# HELP a What it is.\n# TYPE a counter\n# UNIT a seconds\n#\na 1\nbad\n# EOF\r\n\r\nb 2"));

    [Fact]
    public void Lines_and_names_and_labels_have_limits()
    {
        Assert.Equal("1 is too long", Assert.Single(Read($"a{{x=\"{new string('x', ExpositionReader.LineBytesMax)}\"}} 1")));
        Assert.Equal("1 has a name that is too long", Assert.Single(Read($"{new string('a', 256)} 1")));
        Assert.Equal("1 has too many labels", Assert.Single(Read($"a{{{string.Join(',', Enumerable.Range(0, 65).Select(number => $"x{number}=\"\""))}}} 1")));
        Assert.Equal("1 is not UTF-8", Assert.Single(Read([(byte)'a', 0xFF, (byte)' ', (byte)'1'])));
    }

    [Fact]
    public void Whatever_the_bytes_are_it_never_throws_and_comes_to_the_end()
    {
        byte[] telling = "a_{}\"\\=,# \t\n\r.+-e1TYPEUNIT"u8.ToArray();
        Gen<byte> likely = Gen.OneOf(Gen.Int[0, telling.Length - 1].Select(place => telling[place]), Gen.Byte);
        likely.Array[0, 200].Sample(bytes =>
        {
            _ = Read(bytes);
            _ = new ExecSeries(5, new Dictionary<string, string>(StringComparer.Ordinal)).Read(bytes, Begun());
        }, iter: 20_000);
    }

    [Fact]
    public void Every_beginning_and_every_flipped_byte_of_a_real_output_is_taken_or_refused()
    {
        byte[] output = Encoding.UTF8.GetBytes("# TYPE h histogram\n# UNIT h seconds\nh_bucket{le=\"0.1\",path=\"/a \\\"b\\\"\"} 5\nh_sum 1.5\n{\"x y\",z=\"\\n\"} -1e-3 17\n");
        for (int length = 0; length <= output.Length; length++)
        {
            _ = Read(output[..length]);
        }

        for (int at = 0; at < output.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. output];
                damaged[at] ^= (byte)(1 << bit);
                _ = Read(damaged);
            }
        }
    }

    [Fact]
    public void What_is_written_by_the_rules_is_read_back()
    {
        const string telling = "aZ\"\\\n{},= ä€";
        Gen<string> text = Gen.String[Gen.Int[0, telling.Length - 1].Select(place => telling[place]), 0, 12];
        Gen.Select(text, text, Gen.Double).Sample((name, label, value) =>
        {
            if (name.Length == 0)
            {
                return;
            }

            var scrape = Begun();
            ExecReading reading = new ExecSeries(5, new Dictionary<string, string>(StringComparer.Ordinal))
                .Read(Encoding.UTF8.GetBytes($"{{\"{Escape(name)}\",l=\"{Escape(label)}\"}} {value.ToString("R", CultureInfo.InvariantCulture)}\n"), scrape);

            Assert.Equal(new ExecReading(1, 0, "", 0), reading);
            Assert.Equal((name, label), (scrape.Points[0].Series.Metric.Name, scrape.Points[0].Series.AttributeValues[0]));
            Assert.Equal(value, scrape.Points[0].Double);
        }, iter: 5_000);
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static Hostwire.Metrics.Scrape Begun()
    {
        var scrape = new Hostwire.Metrics.Scrape();
        scrape.BeginGroup(1);
        return scrape;
    }

    private static List<string> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static List<string> Read(byte[] bytes)
    {
        var lines = new List<string>();
        var reader = new ExpositionReader(bytes);
        while (reader.TryRead())
        {
            lines.Add(reader.Kind switch
            {
                ExpositionLineKind.Bad => $"{reader.LineNumber} {reader.Problem}",
                ExpositionLineKind.Sample => $"{Encoding.UTF8.GetString(reader.Name)}{Labels(reader.Labels)}|{reader.Value.ToString(CultureInfo.InvariantCulture)}",
                _ => $"{(reader.Kind == ExpositionLineKind.Type ? "type" : "unit")} {Encoding.UTF8.GetString(reader.Name)} {Encoding.UTF8.GetString(reader.Word)}",
            });
        }

        return lines;
    }

    private static string Labels(ReadOnlySpan<byte> text)
    {
        string labels = "";
        var reader = new LabelReader(text);
        while (reader.TryRead())
        {
            labels += reader.IsName ? "" : $" {Encoding.UTF8.GetString(reader.Key)}={Encoding.UTF8.GetString(reader.Value)}";
        }

        Assert.Equal("", reader.Problem);
        return labels;
    }
}
