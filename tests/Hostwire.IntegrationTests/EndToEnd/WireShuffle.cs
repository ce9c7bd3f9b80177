namespace Hostwire.IntegrationTests.EndToEnd;

/// <summary>Rewrites an OTLP metrics record so that it says the same in another order: resources, scopes, metrics, points and attributes.</summary>
/// <remarks>
/// Works on the wire alone, so that nothing of the product's own decoder or encoder is trusted here. Only repeated messages are moved among
/// themselves; the bytes of each point stay as they were.
/// </remarks>
internal static class WireShuffle
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;

    // The way from the record to what is shuffled: which fields of a message are messages to go into. Field numbers are those of opentelemetry-proto.
    private static Level Attribute { get; } = new([]);

    private static Level Point { get; } = new(new() { [7] = Attribute });

    private static Level Data { get; } = new(new() { [1] = Point });

    private static Level Metric { get; } = new(new() { [5] = Data, [7] = Data });

    private static Level Scope { get; } = new(new() { [2] = Metric });

    private static Level Resource { get; } = new(new() { [1] = new(new() { [1] = Attribute }), [2] = Scope });

    private static Level Request { get; } = new(new() { [1] = Resource });

    /// <summary>The record in another order; the same one for the same state of <paramref name="random"/>.</summary>
    public static byte[] Shuffle(ReadOnlySpan<byte> record, Random random)
    {
        using var output = new MemoryStream(record.Length);
        Shuffle(record, Request, random, output);
        return output.ToArray();
    }

    private static void Shuffle(ReadOnlySpan<byte> message, Level level, Random random, MemoryStream output)
    {
        var fields = new List<(int Number, byte[] Bytes)>();
        while (!message.IsEmpty)
        {
            ReadOnlySpan<byte> start = message;
            ulong tag = ReadVarint(ref message);
            int number = (int)(tag >> 3);
            ReadOnlySpan<byte> content = ReadContent(ref message, (int)(tag & 7));
            fields.Add((number, level.Fields.TryGetValue(number, out Level? inner)
                ? Rewrite(tag, content, inner, random)
                : start[..(start.Length - message.Length)].ToArray()));
        }

        // Each repeated message goes to the place of another of its kind; everything else keeps its own.
        foreach (int number in level.Fields.Keys)
        {
            int[] places = [.. Enumerable.Range(0, fields.Count).Where(place => fields[place].Number == number)];
            byte[][] messages = [.. places.Select(place => fields[place].Bytes)];
            random.Shuffle(messages);
            for (int i = 0; i < places.Length; i++)
            {
                fields[places[i]] = (number, messages[i]);
            }
        }

        foreach ((_, byte[] bytes) in fields)
        {
            output.Write(bytes);
        }
    }

    private static byte[] Rewrite(ulong tag, ReadOnlySpan<byte> content, Level level, Random random)
    {
        using var inner = new MemoryStream(content.Length);
        Shuffle(content, level, random, inner);
        using var field = new MemoryStream(content.Length + 10);
        ProtoWriter.WriteVarint(field, tag);
        ProtoWriter.WriteVarint(field, (ulong)inner.Length);
        inner.WriteTo(field);
        return field.ToArray();
    }

    private static ReadOnlySpan<byte> ReadContent(ref ReadOnlySpan<byte> message, int type)
    {
        int length = type switch
        {
            VarintType => message.IndexOfAnyInRange((byte)0, (byte)127) + 1,
            Fixed64Type => sizeof(ulong),
            LengthType => (int)ReadVarint(ref message),
            _ => throw new InvalidDataException($"A field of wire type {type} has no place in OTLP."),
        };
        ReadOnlySpan<byte> content = message[..length];
        message = message[length..];
        return content;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private sealed record Level(Dictionary<int, Level> Fields);
}
