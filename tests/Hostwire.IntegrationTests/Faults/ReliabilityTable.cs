using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hostwire.IntegrationTests.Faults;

/// <summary>The table of docs/reliability.md, made from the lines of a run: nothing in it is written by hand.</summary>
internal static class ReliabilityTable
{
    /// <summary>A row for each row of the matrix, and the sums.</summary>
    public static string Render(IReadOnlyList<RoundReport> reports)
    {
        if (reports.Count == 0)
        {
            return "No rounds.\n";
        }

        var text = new StringBuilder();
        string commits = string.Join(", ", reports.Select(report => report.Commit).Distinct(StringComparer.Ordinal));
        text.Append(CultureInfo.InvariantCulture, $"Commit {commits}; {reports.Min(report => report.At):yyyy-MM-dd HH:mm} to {reports.Max(report => report.At):yyyy-MM-dd HH:mm} UTC; ")
            .Append(CultureInfo.InvariantCulture, $"seeds {reports.Min(report => report.Seed)} to {reports.Max(report => report.Seed)}.\n\n")
            .Append("| row | fault | rounds | ok | void | failed | accepted | under fault | dropped and counted | within the window | lost | twice | wrong |\n")
            .Append("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (IGrouping<(int Row, string Name), RoundReport> row in reports
            .SelectMany(report => report.Faults.Select(fault => (Key: (fault.Row, fault.Name), Report: report)))
            .GroupBy(one => one.Key, one => one.Report)
            .OrderBy(group => group.Key.Row).ThenBy(group => group.Key.Name, StringComparer.Ordinal))
        {
            Append(text, $"{row.Key.Row.ToString(CultureInfo.InvariantCulture)} | {row.Key.Name}", [.. row]);
        }

        Append(text, " | all rounds, each once", reports);
        long sink = Peak(reports, "sink");
        long agent = Peak(reports, "agent");
        text.Append(CultureInfo.InvariantCulture, $"\nA round with two faults is counted in the rows of both. In {reports.Count(report => report.IsPooled)} rounds the sinks reached PostgreSQL through PgBouncer. Most memory of a sink: {sink / 1024.0:0.0} MiB");
        return text.Append(agent > 0 ? string.Create(CultureInfo.InvariantCulture, $"; of an agent: {agent / 1024.0:0.0} MiB.\n") : ".\n").ToString();
    }

    /// <summary>The lines of a file, which may be gzipped.</summary>
    public static async IAsyncEnumerable<string> LinesAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(file);
        await using Stream plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(plain);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private static void Append(StringBuilder text, string head, IReadOnlyCollection<RoundReport> rounds)
    {
        int Count(string verdict) => rounds.Count(round => round.Verdict == verdict);
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {head} | {rounds.Count} | {Count("ok")} | {Count("void")} | {Count("failed")} | {rounds.Sum(round => round.Accepted)} | {rounds.Sum(round => round.AcceptedUnderFault)} | ")
            .Append(
                CultureInfo.InvariantCulture,
                $"{rounds.Sum(round => round.DroppedAndCounted)} | {rounds.Sum(round => round.WithinWindow)} | {rounds.Sum(round => round.Lost)} | {rounds.Sum(round => round.Twice)} | {rounds.Sum(round => round.Wrong)} |\n");
    }

    private static long Peak(IEnumerable<RoundReport> reports, string name) =>
        reports.SelectMany(report => report.PeakKilobytes).Where(one => one.Key.StartsWith(name, StringComparison.Ordinal)).Select(one => one.Value).DefaultIfEmpty().Max();
}
