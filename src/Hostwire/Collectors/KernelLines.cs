using Microsoft.Win32.SafeHandles;

namespace Hostwire.Collectors;

/// <summary>A file of the kernel that may be tens of megabytes, such as <c>/proc/net/tcp</c>: kept open and read line by line through one small buffer.</summary>
/// <param name="path">The file.</param>
/// <param name="bufferBytes">The buffer, and so the longest line. The kernel hands out a page at a time: more than a few gain nothing.</param>
internal sealed class KernelLines(string path, int bufferBytes = 16 * 1024)
{
    private readonly byte[] _buffer = new byte[bufferBytes];
    private SafeFileHandle? _handle;
    private long _offset;
    private int _start;
    private int _end;

    /// <summary>The path, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>Goes to the file's start; false where the file does not exist (any more).</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public bool TryStart()
    {
        (_offset, _start, _end) = (0, 0, 0);
        if (_handle is null && !File.Exists(Path))
        {
            return false;
        }

        try
        {
            _handle ??= File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error);
        }
    }

    /// <summary>The next line, without its line feed, valid until the next call; false at the end. A last line may lack the line feed.</summary>
    /// <exception cref="IOException">It cannot be read; the next start opens it anew.</exception>
    /// <exception cref="InvalidDataException">A line is longer than the buffer.</exception>
    public bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsSpan(_start, searched + length - _start);
                _start = searched + length + 1;
                return true;
            }

            int unfinished = _end - _start;
            if (!TryFill())
            {
                line = _buffer.AsSpan(_start, unfinished);
                _start = _end;
                return unfinished > 0;
            }

            // What follows the unfinished line, which the fill has moved to the start, is yet to be searched.
            searched = unfinished;
        }
    }

    /// <summary>Moves the line that is not finished to the buffer's start and reads on behind it; false at the file's end.</summary>
    private bool TryFill()
    {
        if (_start == 0 && _end == _buffer.Length)
        {
            throw new InvalidDataException($"{Path} has a line of more than {_buffer.Length} bytes.");
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        try
        {
            int read = RandomAccess.Read(_handle!, _buffer.AsSpan(_end), _offset);
            _offset += read;
            _end += read;
            return read > 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error);
        }
    }

    private IOException Unreadable(Exception error)
    {
        _handle?.Dispose();
        _handle = null;
        return new IOException($"{Path} cannot be read: {error.Message}", error);
    }
}
