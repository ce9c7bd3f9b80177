using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hostwire.Simulation.Ledger;

/// <summary>What a comparison of a ledger with a database has found. Frames are counted: a host and a time each.</summary>
internal sealed class VerifyReport
{
    private const int ExamplesMax = 10;

    /// <summary>Records of the ledger that Kafka has acknowledged.</summary>
    public long RecordsAcknowledged { get; init; }

    /// <summary>Whether the ledger has its last line.</summary>
    public bool LedgerIsWhole { get; init; }

    /// <summary>In both, with the same names and values.</summary>
    public long Equal { get; set; }

    /// <summary>Points in those.</summary>
    public long PointsEqual { get; set; }

    /// <summary>In both, with other names or values, or another number of points.</summary>
    public long Different { get; set; }

    /// <summary>Acknowledged, read by a sink as far as its offsets say, and not in the database.</summary>
    public long Missing { get; set; }

    /// <summary>Acknowledged, and not read by a sink yet.</summary>
    public long NotYetRead { get; set; }

    /// <summary>In the database and not in the ledger.</summary>
    public long Extra { get; set; }

    /// <summary>Not acknowledged, and in the database all the same, with the same names and values: the acknowledgement was lost.</summary>
    public long UnacknowledgedStored { get; set; }

    /// <summary>Not acknowledged, and not in the database.</summary>
    public long UnacknowledgedAbsent { get; set; }

    /// <summary>Frames of these hosts and times in quarantine: most of what is missing, where there are any.</summary>
    public long Quarantined { get; set; }

    /// <summary>The first of what is wrong, in words.</summary>
    public List<string> Examples { get; } = [];

    /// <summary>Whether the database holds exactly what was acknowledged, and nothing that was not sent.</summary>
    public bool IsEqual => Different == 0 && Missing == 0 && NotYetRead == 0 && Extra == 0;

    /// <summary>Keeps an example, if there are few yet.</summary>
    public void AddExample(string host, long micros, string what)
    {
        if (Examples.Count < ExamplesMax)
        {
            Examples.Add(string.Create(CultureInfo.InvariantCulture, $"{host} at {DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond):yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}: {what}"));
        }
    }

    /// <summary>A few lines for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"equal         {Equal:n0} frames, {PointsEqual:n0} points, of {RecordsAcknowledged:n0} acknowledged records"));
        WriteIfAny(output, "different", Different, "frames with other names or values");
        WriteIfAny(output, "missing", Missing, "frames that were acknowledged and are not stored, although a sink has read past their records");
        WriteIfAny(output, "not yet read", NotYetRead, "frames that were acknowledged and that no sink has stored yet");
        WriteIfAny(output, "extra", Extra, "frames that are stored and not in the ledger");
        WriteIfAny(output, "quarantined", Quarantined, "frames of these hosts and times are in hostwire.quarantine: too old or too new to be kept");
        WriteIfAny(output, "unknown", UnacknowledgedStored + UnacknowledgedAbsent, string.Create(CultureInfo.InvariantCulture, $"frames that were not acknowledged; {UnacknowledgedStored:n0} of them are stored"));
        if (!LedgerIsWhole)
        {
            output.WriteLine("The ledger has no last line: its run was killed, and frames that were acknowledged just before count as extra.");
        }

        Examples.ForEach(example => output.WriteLine($"  {example}"));
        output.WriteLine(IsEqual ? "The database holds exactly what was acknowledged." : "The database does not hold exactly what was acknowledged.");
    }

    /// <summary>One JSON object on a line of its own.</summary>
    public void WriteJson(TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("is_equal"u8, IsEqual);
            json.WriteNumber("records_acknowledged"u8, RecordsAcknowledged);
            json.WriteNumber("equal"u8, Equal);
            json.WriteNumber("points_equal"u8, PointsEqual);
            json.WriteNumber("different"u8, Different);
            json.WriteNumber("missing"u8, Missing);
            json.WriteNumber("not_yet_read"u8, NotYetRead);
            json.WriteNumber("extra"u8, Extra);
            json.WriteNumber("quarantined"u8, Quarantined);
            json.WriteNumber("unacknowledged_stored"u8, UnacknowledgedStored);
            json.WriteNumber("unacknowledged_absent"u8, UnacknowledgedAbsent);
            json.WriteBoolean("ledger_is_whole"u8, LedgerIsWhole);
            json.WriteStartArray("examples"u8);
            Examples.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteIfAny(TextWriter output, string what, long count, string words)
    {
        if (count > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-13} {count:n0} {words}"));
        }
    }
}
