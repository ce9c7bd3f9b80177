using Hostwire.Exec;
using Hostwire.Metrics;

namespace Hostwire.Tests.Fuzz;

/// <summary>The output of a user's command: never an exception, and of each line either a finite point or a word about what is wrong.</summary>
internal sealed class ExpositionTarget : FuzzTarget
{
    private static readonly byte[][] Outputs =
    [
        [.. "# HELP queue_length How many wait.\n# TYPE queue_length gauge\nqueue_length{queue=\"mail\",pri=\"1\"} 4\n"u8],
        [.. "# TYPE jobs_total counter\n# UNIT jobs_total seconds\njobs_total 5 1700000000000\njobs.done{a=\"\\\"\\\\\\n\"} 1e3 # {trace=\"x\"} 1\n# EOF\n"u8],
        [.. "{\"my name\", label=\"value\"} NaN\nup 1\r\n\ttemperature -0.5\ninf +Inf\n"u8],
        [.. "h_bucket{le=\"+Inf\"} 3\nh_sum 2.5\nh_count 3\n# TYPE s summary\ns{quantile=\"0.5\"} 0x1F\n"u8],
    ];

    private readonly ExecSeries _series = new(50, new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "ops" });
    private readonly Scrape _scrape = new();

    protected override byte[][] Originals => Outputs;

    public override void Check(byte[] input)
    {
        _scrape.Clear();
        _scrape.BeginGroup(1_000);
        ExecReading reading = Bounded(input, () => _series.Read(input, _scrape));
        Assert.Equal(reading.Points, _scrape.Count);
        Assert.InRange(reading.Points, 0, 50);
        Assert.Equal(reading.BadLines > 0, reading.FirstBad.Length > 0);
        var line = new ExpositionReader(input);
        int number = 0;
        while (line.TryRead())
        {
            Assert.True(line.LineNumber > number);
            number = line.LineNumber;
            var labels = new LabelReader(line.Labels);
            while (labels.TryRead())
            {
            }

            Assert.InRange(labels.Position, 0, line.Labels.Length);
        }
    }
}
