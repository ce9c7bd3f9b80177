using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hostwire.Diagnostics;

namespace Hostwire.Simulation.Ledger;

/// <summary>Writes what a run sent and what became of it, a line of JSON for each record: docs/simulate.md describes it.</summary>
internal sealed class LedgerWriter : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes the file.</summary>
    /// <exception cref="UserException">It exists already, or cannot be made.</exception>
    public LedgerWriter(string path)
    {
        _path = path;
        _json = new Utf8JsonWriter(_buffer, Options);
        try
        {
            // Unbuffered: the buffer is ours.
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new UserException($"The ledger {path} exists already: give --ledger another name, or remove it.", error, ExitCode.Usage);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The ledger {path} cannot be made: {ErrorText.Of(error)} Give --ledger a file in a folder that exists and may be written.", error, ExitCode.Usage);
        }
    }

    /// <summary>Writes the first line.</summary>
    public void WriteHeader(LedgerHeader header)
    {
        header.Write(_json);
        EndLine();
        Flush();
    }

    /// <summary>A record is on the topic.</summary>
    public void WriteAcknowledged(SimulatedRecord record, int partition, long offset)
    {
        _json.WriteStartObject();
        _json.WriteString("host"u8, record.Host);
        _json.WriteNumber("partition"u8, partition);
        _json.WriteNumber("offset"u8, offset);
        WriteFrames(record.Frames);
        _json.WriteEndObject();
        EndLine();
    }

    /// <summary>A record may be on the topic or not, or was refused, or was never to be sent.</summary>
    public void WriteUnacknowledged(SimulatedRecord record, string reason)
    {
        _json.WriteStartObject();
        _json.WriteString("host"u8, record.Host);
        _json.WriteString("unacknowledged"u8, reason);
        WriteFrames(record.Frames);
        _json.WriteEndObject();
        EndLine();
    }

    /// <summary>Writes the last line, without which a ledger is known to be cut off.</summary>
    public void WriteEnd(SimulationCounters counters)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("end"u8);
        _json.WriteNumber("records"u8, counters.Records);
        _json.WriteNumber("acknowledged"u8, counters.RecordsAcknowledged);
        _json.WriteNumber("frames"u8, counters.Frames);
        _json.WriteNumber("points"u8, counters.Points);
        _json.WriteEndObject();
        _json.WriteEndObject();
        EndLine();
        Flush();
    }

    /// <summary>Gives all lines to the operating system, where they outlive this process.</summary>
    /// <exception cref="UserException">The file cannot be written.</exception>
    public void Flush()
    {
        try
        {
            _file.Write(_buffer.WrittenSpan);
        }
        catch (IOException error)
        {
            throw new UserException($"The ledger {_path} cannot be written: {ErrorText.Of(error)} The run ends, since it would prove nothing.", error);
        }

        _buffer.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private void WriteFrames(LedgerFrame[] frames)
    {
        Span<char> digest = stackalloc char[2 * FrameDigest.Length];
        _json.WriteStartArray("frames"u8);
        foreach (ref readonly LedgerFrame frame in frames.AsSpan())
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(frame.TimeMicros);
            _json.WriteNumberValue(frame.Points);
            frame.Digest.Format(digest);
            _json.WriteStringValue(digest);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
    }

    private void EndLine()
    {
        _json.Flush();
        _json.Reset();
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }
}
