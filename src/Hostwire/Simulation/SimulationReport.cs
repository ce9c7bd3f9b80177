using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hostwire.Simulation;

/// <summary>What a run has done, for people and for programs.</summary>
internal sealed record SimulationReport
{
    /// <summary>Hosts of the fleet.</summary>
    public required int Hosts { get; init; }

    /// <summary>Records made.</summary>
    public required long Records { get; init; }

    /// <summary>Records that Kafka has acknowledged.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Records that Kafka refused for good.</summary>
    public required long Refused { get; init; }

    /// <summary>Records sent more than once; the topic may hold them twice.</summary>
    public required long Resent { get; init; }

    /// <summary>Frames in the records: a host and time each.</summary>
    public required long Frames { get; init; }

    /// <summary>Points in the records.</summary>
    public required long Points { get; init; }

    /// <summary>Bytes of the records, before compression.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Where the data begins.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Time of the newest scrape; null: there was none.</summary>
    public required DateTimeOffset? Newest { get; init; }

    /// <summary>Whether it was told to stop before its end.</summary>
    public required bool WasStopped { get; init; }

    /// <summary>Whether nothing was sent because that was asked for.</summary>
    public required bool IsDry { get; init; }

    /// <summary>Records of which nobody knows whether they are on the topic.</summary>
    public long Unacknowledged => IsDry ? 0 : Records - Acknowledged - Refused;

    /// <summary>Whether every record made is on the topic.</summary>
    public bool IsComplete => Unacknowledged == 0 && Refused == 0;

    /// <summary>A few lines for people.</summary>
    public void Write(TextWriter output)
    {
        string sent = IsDry ? "made, not sent" : string.Create(CultureInfo.InvariantCulture, $"{Acknowledged:n0} acknowledged, {Unacknowledged:n0} not, {Refused:n0} refused, {Resent:n0} sent again");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"records  {Records:n0}: {sent}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"frames   {Frames:n0} of {Hosts:n0} hosts, {Start.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {(Newest ?? Start).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"points   {Points:n0} in {Bytes:n0} bytes"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"time     {Seconds:n1} s: {Points / Seconds:n0} points/s{(WasStopped ? "; stopped" : "")}"));
    }

    /// <summary>One JSON object on a line of its own.</summary>
    public void WriteJson(TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("hosts"u8, Hosts);
            json.WriteNumber("records"u8, Records);
            json.WriteNumber("acknowledged"u8, Acknowledged);
            json.WriteNumber("unacknowledged"u8, Unacknowledged);
            json.WriteNumber("refused"u8, Refused);
            json.WriteNumber("resent"u8, Resent);
            json.WriteNumber("frames"u8, Frames);
            json.WriteNumber("points"u8, Points);
            json.WriteNumber("bytes"u8, Bytes);
            json.WriteNumber("seconds"u8, Math.Round(Seconds, 3));
            json.WriteString("start"u8, Start);
            json.WriteString("newest"u8, Newest ?? Start);
            json.WriteBoolean("stopped"u8, WasStopped);
            json.WriteBoolean("dry_run"u8, IsDry);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
