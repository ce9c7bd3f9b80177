using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Hostwire.EndToEnd.Drain;

/// <summary>A Collector's record with the places of all that is written over.</summary>
internal sealed class CollectorRecord
{
    private const int PointTime = 3;
    private const int PointDouble = 4;
    private const int PointInteger = 6;
    private const int PointAttributes = 7;

    private readonly List<int> _hostPositions = [];
    private readonly List<CollectorPoint> _points = [];

    /// <summary>Finds them.</summary>
    /// <param name="bytes">The record.</param>
    /// <param name="host">The name of the host in it.</param>
    /// <param name="names">The series so far; new ones are added.</param>
    /// <param name="times">The times of the sample so far; new ones are added.</param>
    public CollectorRecord(byte[] bytes, string host, Dictionary<SeriesName, int> names, List<ulong> times)
    {
        Bytes = bytes;
        byte[] name = Encoding.ASCII.GetBytes(host);
        for (int at = bytes.AsSpan().IndexOf(name), from = 0; at >= 0; at = bytes.AsSpan(from).IndexOf(name))
        {
            _hostPositions.Add(from + at);
            from += at + name.Length;
        }

        var resources = new WireFields(bytes, 0, bytes.Length);
        while (resources.Next())
        {
            var scopes = new WireFields(bytes, resources.Start, resources.End);
            while (scopes.Next())
            {
                var metrics = new WireFields(bytes, scopes.Start, scopes.End);
                while (scopes.Number == 2 && metrics.Next())
                {
                    if (metrics.Number == 2)
                    {
                        ReadMetric(metrics.Start, metrics.End, names, times);
                    }
                }
            }
        }
    }

    /// <summary>The record.</summary>
    public byte[] Bytes { get; }

    /// <summary>Its points.</summary>
    public IReadOnlyList<CollectorPoint> Points => _points;

    /// <summary>Writes the name of another host, of the same length.</summary>
    public void WriteHost(Span<byte> record, string host)
    {
        foreach (int position in _hostPositions)
        {
            Encoding.ASCII.GetBytes(host, record[position..]);
        }
    }

    private void ReadMetric(int start, int end, Dictionary<SeriesName, int> names, List<ulong> times)
    {
        string name = "";
        var fields = new WireFields(Bytes, start, end);
        while (fields.Next())
        {
            if (fields.Number == 1)
            {
                name = Encoding.UTF8.GetString(Bytes, fields.Start, fields.End - fields.Start);
            }
            else if (fields.Number is 5 or 7)
            {
                var points = new WireFields(Bytes, fields.Start, fields.End);
                while (points.Next())
                {
                    if (points.Number == 1)
                    {
                        _points.Add(ReadPoint(name, points.Start, points.End, names, times));
                    }
                }
            }
        }
    }

    private CollectorPoint ReadPoint(string metric, int start, int end, Dictionary<SeriesName, int> names, List<ulong> times)
    {
        int time = 0;
        int value = 0;
        bool isInteger = false;
        var attributes = new List<string>();
        var fields = new WireFields(Bytes, start, end);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case PointTime:
                    time = fields.Start;
                    break;
                case PointDouble or PointInteger:
                    value = fields.Start;
                    isInteger = fields.Number == PointInteger;
                    break;
                case PointAttributes:
                    attributes.Add(ReadAttribute(fields.Start, fields.End));
                    break;
            }
        }

        var name = new SeriesName(metric, $"{{{string.Join(',', attributes.Order(StringComparer.Ordinal))}}}");
        if (!names.TryGetValue(name, out int series))
        {
            names.Add(name, series = names.Count);
        }

        ulong nanos = BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(time));
        if (!times.Contains(nanos))
        {
            times.Add(nanos);
        }

        return new CollectorPoint(series, times.IndexOf(nanos), time, value, isInteger, BinaryPrimitives.ReadInt64LittleEndian(Bytes.AsSpan(value)));
    }

    // A key and a text, which is all that the samples hold.
    private string ReadAttribute(int start, int end)
    {
        string key = "";
        string text = "";
        var fields = new WireFields(Bytes, start, end);
        while (fields.Next())
        {
            if (fields.Number == 1)
            {
                key = Encoding.UTF8.GetString(Bytes, fields.Start, fields.End - fields.Start);
                continue;
            }

            var value = new WireFields(Bytes, fields.Start, fields.End);
            if (!value.Next() || value.Number != 1)
            {
                throw new InvalidDataException("The sample holds an attribute that is no text.");
            }

            text = Encoding.UTF8.GetString(Bytes, value.Start, value.End - value.Start);
        }

        return $"\"{JsonEncodedText.Encode(key)}\":\"{JsonEncodedText.Encode(text)}\"";
    }
}
