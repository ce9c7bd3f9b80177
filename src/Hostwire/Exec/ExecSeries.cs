using System.Globalization;
using System.Text;
using Hostwire.Collectors;
using Hostwire.Metrics;

namespace Hostwire.Exec;

/// <summary>Makes points of the outputs of one command, run after run. Knows the series of earlier runs by their bytes, and forgets those that are gone.</summary>
/// <param name="seriesMax">How many series one output may have; what is beyond is left out and counted.</param>
/// <param name="attributes">Attributes of every series; a label of the same name wins.</param>
internal sealed class ExecSeries(int seriesMax, IReadOnlyDictionary<string, string> attributes)
{
    // One series may be written in several ways; those of the last runs are kept.
    private const int SpellingsPerSeriesMax = 4;

    private readonly Dictionary<byte[], Entry> _spellings = new(ByteStringComparer.Instance);
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, MetricKind Kind, string Unit), Metric> _metrics = [];
    private readonly PrometheusFamilies _families = new();
    private long _run;

    /// <summary>Reads one whole output and adds its points to the scrape's current group. Never throws, whatever the bytes are.</summary>
    public ExecReading Read(ReadOnlySpan<byte> output, Scrape scrape)
    {
        _run++;
        _families.Clear();
        Trim();
        int before = scrape.Count;
        int badLines = 0;
        int leftOut = 0;
        string firstBad = "";
        var line = new ExpositionReader(output);
        while (line.TryRead())
        {
            string problem = line.Problem;
            if (line.Kind is ExpositionLineKind.Type or ExpositionLineKind.Unit)
            {
                _families.Note(line);
            }
            else if (line.Kind == ExpositionLineKind.Sample)
            {
                if (scrape.Count - before == seriesMax)
                {
                    leftOut++;
                    continue;
                }

                (Entry? entry, problem) = Find(line);
                if (entry is not null)
                {
                    entry.Run = _run;
                    scrape.Add(entry.Series, line.Value);
                }
            }

            if (problem.Length > 0 && badLines++ == 0)
            {
                firstBad = string.Create(CultureInfo.InvariantCulture, $"line {line.LineNumber} {problem}");
            }
        }

        return new ExecReading(scrape.Count - before, badLines, firstBad, leftOut);
    }

    private (Entry? Entry, string Problem) Find(in ExpositionReader line)
    {
        (MetricKind kind, string unit) = _families.Of(line.Name);
        var lookup = _spellings.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(line.Series, out Entry? entry) || entry.Series.Metric.Kind != kind || !string.Equals(entry.Series.Metric.Unit, unit, StringComparison.Ordinal))
        {
            (entry, string problem) = Make(line, kind, unit);
            if (entry is null)
            {
                return (null, problem);
            }

            lookup[line.Series] = entry;
        }

        return entry.Run == _run ? (null, "gives a series for the second time") : (entry, "");
    }

    private (Entry? Entry, string Problem) Make(in ExpositionReader line, MetricKind kind, string unit)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var reader = new LabelReader(line.Labels);
        while (reader.TryRead())
        {
            if (!reader.IsName && !labels.TryAdd(Unescape(reader.Key), Unescape(reader.Value)))
            {
                return (null, "has a label twice");
            }
        }

        foreach ((string key, string value) in attributes)
        {
            labels.TryAdd(key, value);
        }

        // Any order of the labels is one series.
        string name = Unescape(line.Name);
        string identity = Identity([name, kind.Name(), unit, .. labels.SelectMany(label => (string[])[label.Key, label.Value])]);
        if (!_entries.TryGetValue(identity, out Entry? entry))
        {
            entry = new Entry(new Series(MetricOf(name, kind, unit), [.. labels.Keys], [.. labels.Values]));
            _entries.Add(identity, entry);
        }

        return (entry, "");
    }

    // Lengths stated, so that no text can pass for two.
    private static string Identity(IEnumerable<string> texts) => string.Concat(texts.Select(text => string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}")));

    private Metric MetricOf(string name, MetricKind kind, string unit)
    {
        if (!_metrics.TryGetValue((name, kind, unit), out Metric? metric))
        {
            metric = new Metric { Name = name, Unit = unit, Kind = kind, IsInteger = false, Description = "", Source = "a command" };
            _metrics.Add((name, kind, unit), metric);
        }

        return metric;
    }

    // Of a command that prints other series every time, only the last runs' are worth keeping; it may cost time to begin anew, never memory.
    private void Trim()
    {
        if (_spellings.Count > SpellingsPerSeriesMax * seriesMax)
        {
            _spellings.Clear();
            _entries.Clear();
            _metrics.Clear();
        }
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        string text = Encoding.UTF8.GetString(raw);
        return text.Contains('\\', StringComparison.Ordinal) ? Unescape(text) : text;
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            char next = text[at] == '\\' && at + 1 < text.Length ? text[at + 1] : '\0';
            if (next is '\\' or '"' or 'n')
            {
                plain.Append(next == 'n' ? '\n' : next);
                at++;
            }
            else
            {
                plain.Append(text[at]);
            }
        }

        return plain.ToString();
    }

    private sealed class Entry(Series series)
    {
        public Series Series { get; } = series;

        /// <summary>The run in which it was taken last.</summary>
        public long Run { get; set; }
    }
}
