using System.Globalization;
using System.Text.Json;
using Hostwire.Simulation.Hosts;

namespace Hostwire.Simulation.Ledger;

/// <summary>The first line of a ledger: what the run was asked for, so that it can be repeated and its hosts be found.</summary>
/// <param name="Version">The program that wrote it.</param>
/// <param name="Topic">The topic; null: nothing was sent.</param>
/// <param name="Request">The fleet.</param>
internal sealed record LedgerHeader(string Version, string? Topic, FleetRequest Request)
{
    private const int Format = 1;

    /// <summary>Writes the line.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("ledger"u8, Format);
        json.WriteString("hostwire"u8, Version);
        json.WriteString("topic"u8, Topic);
        json.WriteNumber("seed"u8, Request.Seed);
        json.WriteNumber("hosts"u8, Request.Hosts);
        json.WriteString("prefix"u8, Request.Prefix);
        json.WriteString("shapes"u8, Request.Mix.ToString());
        json.WriteNumber("interval_seconds"u8, (long)Request.Interval.TotalSeconds);
        json.WriteString("start"u8, Request.Start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteNumber("reboot_every_seconds"u8, Request.RebootEvery == Timeout.InfiniteTimeSpan ? 0 : (long)Request.RebootEvery.TotalSeconds);
        json.WriteNumber("processes"u8, Request.Processes);
        json.WriteNumber("veths"u8, Request.Veths);
        json.WriteEndObject();
    }

    /// <summary>Reads the line; null where it is none.</summary>
    public static LedgerHeader? Read(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object || !line.TryGetProperty("ledger", out JsonElement format) || format.ValueKind != JsonValueKind.Number || format.GetInt32() != Format)
        {
            return null;
        }

        long rebootSeconds = line.GetProperty("reboot_every_seconds").GetInt64();
        return new LedgerHeader(line.GetProperty("hostwire").GetString() ?? "", line.GetProperty("topic").GetString(), new FleetRequest
        {
            Seed = line.GetProperty("seed").GetUInt64(),
            Hosts = line.GetProperty("hosts").GetInt32(),
            Prefix = line.GetProperty("prefix").GetString() ?? "",
            Mix = ShapeMix.Parse("shapes", line.GetProperty("shapes").GetString() ?? ""),
            Interval = TimeSpan.FromSeconds(line.GetProperty("interval_seconds").GetInt64()),
            Start = line.GetProperty("start").GetDateTimeOffset(),
            RebootEvery = rebootSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(rebootSeconds),
            Processes = line.GetProperty("processes").GetInt32(),
            Veths = line.GetProperty("veths").GetInt32(),
        });
    }
}
