using System.Text.Json.Nodes;
using Hostwire.IntegrationTests.Rig;

namespace Hostwire.EndToEnd;

/// <summary>Fleets of <c>hostwire simulate</c>, as the published binary sends them.</summary>
internal static class SimulatedFleet
{
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

    /// <summary>Sends a fleet to its end; returns how many records and points are on the topic.</summary>
    /// <param name="hostwire">The binary.</param>
    /// <param name="settings">The settings file, with the topic in it.</param>
    /// <param name="arguments">Options of <c>hostwire simulate</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BenchFailedException">Not all of it was acknowledged.</exception>
    public static async Task<(long Records, long Points)> SendAsync(PublishedBinary hostwire, string settings, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await using ChildProcess fleet = await StartAsync(hostwire, settings, arguments);
        int exitCode = await fleet.WaitForExitAsync(Deadline, cancellationToken);
        if (exitCode != 0)
        {
            throw new BenchFailedException($"hostwire simulate ended with {exitCode}:\n{fleet.Describe()}");
        }

        JsonNode report = JsonNode.Parse(fleet.StandardOutput)!;
        return ((long)report["acknowledged"]!, (long)report["points"]!);
    }

    /// <summary>Starts a fleet, which says in JSON at its end what it has sent.</summary>
    public static Task<ChildProcess> StartAsync(PublishedBinary hostwire, string settings, IEnumerable<string> arguments) =>
        hostwire.StartAsync(["simulate", "--config", settings, "--json", .. arguments]);
}
