using System.Globalization;
using System.Text;

namespace Hostwire.Otlp;

/// <summary>Where in a record something is, for people who see it as JSON: <c>resourceMetrics[0].scopeMetrics[2].metrics[5].sum.dataPoints[0]</c>.</summary>
internal static class OtlpPath
{
    /// <summary>The path to the innermost message around a byte.</summary>
    /// <param name="record">Well-formed OTLP protobuf, each message in one piece.</param>
    /// <param name="position">The byte: where a message or a text in it starts.</param>
    public static string Of(ReadOnlySpan<byte> record, int position)
    {
        var path = new StringBuilder();
        var range = new ByteRange(0, record.Length);
        for (OtlpMessage message = OtlpMessage.Request; Enter(record, ref message, ref range, position, path);)
        {
        }

        return path.Length == 0 ? "its beginning" : path.ToString(1, path.Length - 1);
    }

    private static bool Enter(ReadOnlySpan<byte> record, ref OtlpMessage message, ref ByteRange range, int position, StringBuilder path)
    {
        var reader = new WireReader(record, range);
        var seen = new Dictionary<int, int>();
        while (reader.Next(out uint tag))
        {
            foreach (ref readonly OtlpField field in OtlpSchema.FieldsOf(message))
            {
                if (field.Type != OtlpFieldType.Message || !field.Matches(tag))
                {
                    continue;
                }

                WireReader ahead = reader;
                ByteRange inner = ahead.ReadBytes();
                int index = seen.GetValueOrDefault(field.Number);
                seen[field.Number] = index + 1;
                if (position >= reader.Position && position <= inner.End)
                {
                    path.Append('.').Append(field.JsonName);
                    if (field.Cardinality == OtlpCardinality.Repeated)
                    {
                        path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                    }

                    (message, range) = (field.Message, inner);
                    return true;
                }
            }

            reader.Skip(tag);
        }

        return false;
    }
}
