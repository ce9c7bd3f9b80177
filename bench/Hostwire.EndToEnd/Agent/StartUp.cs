using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd.Agent;

/// <summary>How long it takes from the start of a process; medians, in milliseconds.</summary>
/// <param name="Help">From a shell that runs <c>hostwire --help</c> to its end.</param>
/// <param name="Nothing">The same of <c>/bin/true</c>, which is what a process costs that does nothing.</param>
/// <param name="FirstRecord">Until an agent says on its page that Kafka has acknowledged its first record. Too long by up to the time between two looks, never too short.</param>
internal sealed record StartUp(double Help, double Nothing, double FirstRecord)
{
    private const int Runs = 11;
    private const int StartsOfShell = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Measures it, one start after the other.</summary>
    /// <param name="hostwire">The program.</param>
    /// <param name="settings">The agent's configuration file.</param>
    /// <param name="page">Where that agent shows its metrics.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<StartUp> MeasureAsync(PublishedBinary hostwire, string settings, Uri page, CancellationToken cancellationToken)
    {
        string path = await hostwire.PathAsync();
        var help = new List<double>();
        var nothing = new List<double>();
        var firstRecord = new List<double>();
        for (int run = 0; run < Runs; run++)
        {
            help.Add(await ShellMillisecondsAsync(path, "--help", cancellationToken));
            nothing.Add(await ShellMillisecondsAsync("/bin/true", "", cancellationToken));
            firstRecord.Add((await FirstRecordAsync(hostwire, settings, page, cancellationToken)).TotalMilliseconds);
        }

        return new StartUp(Sample.Median(help), Sample.Median(nothing), Sample.Median(firstRecord));
    }

    // A shell starts it as a user's does, often enough that what the shell's own start costs counts for little: a process as large as this one forks more slowly.
    private static async Task<double> ShellMillisecondsAsync(string program, string argument, CancellationToken cancellationToken)
    {
        const string script = "i=0; while [ $i -lt $2 ]; do \"$0\" $1 > /dev/null || exit 1; i=$((i + 1)); done";
        long start = TimeProvider.System.GetTimestamp();
        await using ChildProcess shell = await ChildProcess.StartAsync("/bin/sh", ["-c", script, program, argument, $"{StartsOfShell}"]);
        if (await shell.WaitForExitAsync(cancellationToken) != 0)
        {
            throw new BenchFailedException($"{program} {argument} failed:\n{shell.Describe()}");
        }

        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds / StartsOfShell;
    }

    private static async Task<TimeSpan> FirstRecordAsync(PublishedBinary hostwire, string settings, Uri page, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        long start = TimeProvider.System.GetTimestamp();
        await using ChildProcess agent = await hostwire.StartAsync(["agent", "--config", settings]);
        while (!await HasAcknowledgedAsync(client, page, cancellationToken))
        {
            if (agent.HasExited || TimeProvider.System.GetElapsedTime(start) > WaitMax)
            {
                throw new BenchFailedException($"an agent that was started has brought no record to Kafka:\n{agent.Describe()}");
            }

            await Task.Delay(LookEvery, cancellationToken);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }

    private static async Task<bool> HasAcknowledgedAsync(HttpClient client, Uri page, CancellationToken cancellationToken)
    {
        try
        {
            return MetricsPage.Sum(await client.GetStringAsync(page, cancellationToken), "hostwire_agent_records_acknowledged_total") > 0;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }
}
