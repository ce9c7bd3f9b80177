using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hostwire.Sink;
using Npgsql;

namespace Hostwire.Store;

/// <summary>Writes frames with COPY in PostgreSQL's binary format. The whole of it is encoded before anything is sent, so that nothing of ours can fail half-way.</summary>
internal sealed class FrameCopy
{
    // The epoch of timestamptz is 2000-01-01.
    private const long EpochMicros = 946_684_800_000_000;
    private const int Float8Oid = 701;

    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly ArrayBufferWriter<byte> _output = new(1 << 16);

    /// <summary>What was encoded last; valid until the next time.</summary>
    public ReadOnlyMemory<byte> Encoded => _output.WrittenMemory;

    /// <summary>Encodes frames; <paramref name="places"/> are their indexes in the batch. With ordinals, each row begins with its frame's index.</summary>
    public void Encode(FrameBatch batch, ReadOnlySpan<int> places, bool withOrdinals)
    {
        _output.ResetWrittenCount();
        _output.Write(Header);
        ReadOnlySpan<Frame> frames = CollectionsMarshal.AsSpan(batch.Frames);
        ReadOnlySpan<double> values = CollectionsMarshal.AsSpan(batch.Values);
        ReadOnlySpan<bool> hasValue = CollectionsMarshal.AsSpan(batch.HasValue);
        foreach (int place in places)
        {
            ref readonly Frame frame = ref frames[place];
            WriteRow(frame, values.Slice(frame.Start, frame.Count), hasValue.Slice(frame.Start, frame.Count), withOrdinals ? place : null);
        }

        BinaryPrimitives.WriteInt16BigEndian(_output.GetSpan(sizeof(short)), -1);
        _output.Advance(sizeof(short));
    }

    /// <summary>Sends what was encoded. Throws what PostgreSQL says to it; the caller's transaction must then be rolled back.</summary>
    public async Task SendAsync(NpgsqlConnection connection, string copyStatement, CancellationToken cancellationToken)
    {
        NpgsqlRawCopyStream stream = await connection.BeginRawBinaryCopyAsync(copyStatement, cancellationToken);
        try
        {
            await stream.WriteAsync(Encoded, cancellationToken);
        }
        catch
        {
            // Disposing would tell the server that all is well.
            await stream.CancelAsync();
            throw;
        }

        // Here the server answers; a unique violation is thrown by this line.
        await stream.DisposeAsync();
    }

    private void WriteRow(in Frame frame, ReadOnlySpan<double> values, ReadOnlySpan<bool> hasValue, int? ordinal)
    {
        const int perField = sizeof(int);
        int nulls = hasValue.Count(false);
        int arrayBytes = (5 * sizeof(int)) + (values.Length * (perField + sizeof(double))) - (nulls * sizeof(double));
        int rowBytes = sizeof(short) + (ordinal is null ? 0 : perField + sizeof(int)) + (perField + sizeof(long)) + (2 * (perField + sizeof(int))) + (perField + sizeof(short)) + perField + arrayBytes;
        Span<byte> row = _output.GetSpan(rowBytes);
        var writer = new BigEndianWriter(row);
        writer.Write((short)(ordinal is null ? 5 : 6));
        if (ordinal is { } number)
        {
            writer.Write(sizeof(int));
            writer.Write(number);
        }

        writer.Write(sizeof(long));
        writer.Write(frame.TimeMicros - EpochMicros);
        writer.Write(sizeof(int));
        writer.Write(frame.Host.Id);
        writer.Write(sizeof(int));
        writer.Write(frame.Layout.Id);
        writer.Write(sizeof(short));
        writer.Write(frame.Slot);
        writer.Write(arrayBytes);
        writer.Write(1);
        writer.Write(nulls > 0 ? 1 : 0);
        writer.Write(Float8Oid);
        writer.Write(values.Length);
        writer.Write(1);
        if (nulls == 0)
        {
            writer.Write(values);
        }

        for (int index = 0; nulls > 0 && index < values.Length; index++)
        {
            if (hasValue[index])
            {
                writer.Write(sizeof(double));
                writer.Write(BitConverter.DoubleToInt64Bits(values[index]));
            }
            else
            {
                writer.Write(-1);
            }
        }

        _output.Advance(rowBytes);
    }

    private ref struct BigEndianWriter(Span<byte> output)
    {
        private Span<byte> _rest = output;

        public void Write(short value)
        {
            BinaryPrimitives.WriteInt16BigEndian(_rest, value);
            _rest = _rest[sizeof(short)..];
        }

        public void Write(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_rest, value);
            _rest = _rest[sizeof(int)..];
        }

        /// <summary>Each value after its length.</summary>
        public void Write(ReadOnlySpan<double> values)
        {
            const int bytes = sizeof(int) + sizeof(double);
            Span<byte> field = _rest[..(values.Length * bytes)];
            ref byte place = ref MemoryMarshal.GetReference(field);
            foreach (double value in values)
            {
                Unsafe.WriteUnaligned(ref place, BinaryPrimitives.ReverseEndianness(sizeof(double)));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref place, sizeof(int)), BinaryPrimitives.ReverseEndianness(BitConverter.DoubleToInt64Bits(value)));
                place = ref Unsafe.Add(ref place, bytes);
            }

            _rest = _rest[field.Length..];
        }

        public void Write(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_rest, value);
            _rest = _rest[sizeof(long)..];
        }
    }
}
