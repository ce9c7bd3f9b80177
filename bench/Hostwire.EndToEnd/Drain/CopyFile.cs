using System.Buffers.Binary;

namespace Hostwire.EndToEnd.Drain;

/// <summary>A file in PostgreSQL's binary COPY format; the benchmark's own, so that the yardsticks owe nothing to the code they measure.</summary>
internal sealed class CopyFile : IDisposable
{
    // The epoch of timestamptz is 2000-01-01.
    private const long EpochMicros = 946_684_800_000_000;
    private const int Float8Oid = 701;

    private readonly FileStream _file;
    private byte[] _row = new byte[8 * 1024];
    private int _length;

    /// <summary>Makes the file.</summary>
    public CopyFile(string path)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 20);
        _file.Write("PGCOPY\n"u8);
        _file.Write([0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// <summary>A row of <c>(series_id integer, time timestamptz, value float8)</c>.</summary>
    public void WriteNarrow(int series, long timeMicros, double value)
    {
        Int16(3);
        Field(series);
        Field(timeMicros - EpochMicros);
        Field(BitConverter.DoubleToInt64Bits(value));
        EndRow();
    }

    /// <summary>A row of <c>(time timestamptz, host_id integer, layout_id integer, slot smallint, values float8[])</c>, the only one of its host and time.</summary>
    public void WriteFrame(long timeMicros, int host, int layout, ReadOnlySpan<double> values)
    {
        Int16(5);
        Field(timeMicros - EpochMicros);
        Field(host);
        Field(layout);
        Int32(sizeof(short));
        Int16(0);
        Int32((5 * sizeof(int)) + (values.Length * (sizeof(int) + sizeof(double))));
        Int32(1);
        Int32(0);
        Int32(Float8Oid);
        Int32(values.Length);
        Int32(1);
        foreach (double value in values)
        {
            Field(BitConverter.DoubleToInt64Bits(value));
        }

        EndRow();
    }

    /// <summary>Ends the file.</summary>
    public void Dispose()
    {
        Int16(-1);
        EndRow();
        _file.Dispose();
    }

    private void Field(int value)
    {
        Int32(sizeof(int));
        Int32(value);
    }

    private void Field(long value)
    {
        Int32(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(Next(sizeof(long)), value);
    }

    private void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Next(sizeof(short)), value);

    private void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Next(sizeof(int)), value);

    private Span<byte> Next(int bytes)
    {
        if (_row.Length < _length + bytes)
        {
            Array.Resize(ref _row, 2 * _row.Length);
        }

        _length += bytes;
        return _row.AsSpan(_length - bytes, bytes);
    }

    private void EndRow()
    {
        _file.Write(_row, 0, _length);
        _length = 0;
    }
}
