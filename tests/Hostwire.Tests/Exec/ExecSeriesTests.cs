using System.Globalization;
using System.Text;
using Hostwire.Exec;
using Hostwire.Metrics;
using Hostwire.Otlp;

namespace Hostwire.Tests.Exec;

public sealed class ExecSeriesTests
{
    private readonly Scrape _scrape = new();

    [Theory]
    [InlineData("jobs 3", "jobs gauge  3")]
    [InlineData("# TYPE jobs gauge\njobs 3", "jobs gauge  3")]
    [InlineData("# TYPE jobs untyped\njobs 3", "jobs gauge  3")]
    [InlineData("# TYPE jobs counter\njobs 3", "jobs counter  3")]
    [InlineData("# TYPE jobs_total counter\njobs_total 3", "jobs_total counter  3")]
    [InlineData("# TYPE jobs counter\njobs_total 3\njobs_created 1.5", "jobs_total counter  3", "jobs_created gauge  1.5")]
    [InlineData("# TYPE t histogram\n# UNIT t seconds\nt_bucket{le=\"+Inf\"} 4\nt_sum 1.5\nt_count 4", "t_bucket{le=+Inf} counter  4", "t_sum counter s 1.5", "t_count counter  4")]
    [InlineData("# TYPE t summary\n# UNIT t bytes\nt{quantile=\"0.5\"} 7\nt_sum 20\nt_count 3", "t{quantile=0.5} gauge By 7", "t_sum counter By 20", "t_count counter  3")]
    [InlineData("# TYPE t gaugehistogram\nt_bucket{le=\"1\"} 4\nt_gcount 4\nt_gsum 2", "t_bucket{le=1} gauge  4", "t_gcount gauge  4", "t_gsum gauge  2")]
    [InlineData("# TYPE t gauge\n# UNIT t furlongs\nt 1\nt_sum 1\nother 1", "t gauge furlongs 1", "t_sum gauge  1", "other gauge  1")]
    [InlineData("jobs 3\n# TYPE jobs counter\njobs{a=\"1\"} 4", "jobs gauge  3", "jobs{a=1} counter  4")]
    public void Types_and_units_are_obeyed(string output, params string[] expected)
    {
        ExecReading reading = Read(new ExecSeries(100, Attributes()), output);

        Assert.Equal(expected, Points());
        Assert.Equal(new ExecReading(expected.Length, 0, "", 0), reading);
    }

    [Fact]
    public void Attributes_are_added_and_a_label_of_the_same_name_wins()
    {
        Read(new ExecSeries(100, Attributes(("team", "storage"), ("z", "9"))), "a 1\na{team=\"web\",b=\"2\"} 2");

        Assert.Equal(["a{team=storage,z=9} gauge  1", "a{b=2,team=web,z=9} gauge  2"], Points());
    }

    [Fact]
    public void One_series_is_one_object_however_it_is_spelt_and_whenever_it_comes()
    {
        var series = new ExecSeries(100, Attributes());
        Read(series, "a{x=\"1\",y=\"2\"} 1");
        Series first = _scrape.Points[0].Series;
        Read(series, "{y=\"2\",\"a\",x=\"1\"} 2");

        Assert.Same(first, _scrape.Points[0].Series);
    }

    [Fact]
    public void Bad_lines_are_counted_the_first_is_named_and_the_others_are_used()
    {
        ExecReading reading = Read(new ExecSeries(100, Attributes()), "a 1\nwhat is this\na 2\nb{x=\"1\",x=\"2\"} 3\nc 4\n");

        Assert.Equal(new ExecReading(2, 3, "line 2 has a value that is no number", 0), reading);
        Assert.Equal(["a gauge  1", "c gauge  4"], Points());
        Assert.Equal("line 2 gives a series for the second time", Read(new ExecSeries(100, Attributes()), "a{x=\"1\",y=\"\"} 1\na{y=\"\",x=\"1\"} 1").FirstBad);
        Assert.Equal("line 1 has a label twice", Read(new ExecSeries(100, Attributes()), "a{x=\"1\",x=\"1\"} 1").FirstBad);
    }

    [Fact]
    public void Texts_that_look_alike_when_they_are_joined_are_two_series()
    {
        Read(new ExecSeries(100, Attributes()), "a{x=\"1\",y=\"2\"} 1\na{x=\"11:y1:2\"} 2\na{x=\"1\u0000y\u00002\"} 3");

        Assert.Equal(3, _scrape.Points.ToArray().Select(point => point.Series).Distinct().Count());
    }

    [Fact]
    public void What_is_beyond_the_number_of_series_is_left_out_and_counted()
    {
        string output = string.Concat(Enumerable.Range(0, 50).Select(number => $"a{{n=\"{number}\"}} {number}\n"));

        Assert.Equal(new ExecReading(20, 0, "", 30), Read(new ExecSeries(20, Attributes()), output));
    }

    [Fact]
    public void A_command_that_prints_other_series_every_time_is_forgotten_and_what_it_prints_stays_right()
    {
        var series = new ExecSeries(10, Attributes());
        var encoder = new OtlpEncoder(new HostIdentity("web-1", null), 1, "1");
        List<WeakReference> early = [];
        for (int run = 0; run < 30_000; run++)
        {
            string value = run.ToString(CultureInfo.InvariantCulture);
            Read(series, $"a{{n=\"{value}\"}} 1\nb{value} 2");
            Assert.Equal([$"a{{n={value}}} gauge  1", $"b{value} gauge  2"], Points());
            encoder.Encode(_scrape.Points);
            if (run < 10_000)
            {
                early.AddRange(_scrape.Points.ToArray().Select(point => new WeakReference(point.Series)));
            }
        }

        // The heap's size would tell the same, but other tests use the heap too.
        GC.Collect();
        Assert.DoesNotContain(early, reference => reference.IsAlive);
    }

    [Fact]
    public void What_was_seen_before_allocates_nothing()
    {
        var series = new ExecSeries(100, Attributes(("team", "storage")));
        byte[] output = "# TYPE t histogram\n# HELP t It is.\nt_sum 1.5\nt_bucket{le=\"1\"} 4\na{x=\"\\n\"} 1\n"u8.ToArray();

        // The types of a run are not kept; the samples are.
        byte[] samples = output.AsSpan(output.AsSpan().IndexOf("t_sum"u8)).ToArray();
        Allocations.AssertNone(() =>
        {
            _scrape.Clear();
            _scrape.BeginGroup(1);
            series.Read(samples, _scrape);
        });
    }

    private static Dictionary<string, string> Attributes(params (string Key, string Value)[] attributes) =>
        attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value, StringComparer.Ordinal);

    private ExecReading Read(ExecSeries series, string output)
    {
        _scrape.Clear();
        _scrape.BeginGroup(1);
        return series.Read(Encoding.UTF8.GetBytes(output), _scrape);
    }

    private string[] Points() =>
    [
        .. _scrape.Points.ToArray().Select(point => $"{point.Series} {point.Series.Metric.Kind.Name()} {point.Series.Metric.Unit} {point.Double.ToString(CultureInfo.InvariantCulture)}"),
    ];
}
