using Microsoft.Win32.SafeHandles;

namespace Hostwire.Collectors;

/// <summary>A small file that the kernel writes anew at every read, such as <c>/proc/stat</c>: kept open and read from its start into a buffer that is reused.</summary>
/// <param name="path">Where it is.</param>
/// <param name="bufferBytes">How large the buffer is at first; it grows with the file. Less for a file that there is one of for every device.</param>
public sealed class KernelFile(string path, int bufferBytes = 4096)
{
    private SafeFileHandle? _handle;
    private byte[] _buffer = new byte[bufferBytes];

    /// <summary>The path, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>The file's whole content now; valid until the next read. Allocates only when the file has grown past the buffer.</summary>
    /// <exception cref="IOException">It is not there or cannot be read; the next call tries again from the start.</exception>
    public ReadOnlySpan<byte> Read()
    {
        try
        {
            // FileShare without None: the runtime would otherwise lock the file, one more system call for nothing.
            _handle ??= File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int length = 0;
            while (true)
            {
                int read = RandomAccess.Read(_handle, _buffer.AsSpan(length), length);
                length += read;
                if (read == 0)
                {
                    return _buffer.AsSpan(0, length);
                }

                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, 2 * length);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Close();
            throw new IOException($"{Path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>As <see cref="Read"/>, but false where the file does not exist (any more): for sources that a host may lack.</summary>
    public bool TryRead(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (_handle is null && !File.Exists(Path))
        {
            return false;
        }

        try
        {
            content = Read();
            return true;
        }
        catch (IOException) when (!File.Exists(Path))
        {
            // It went while it was open: a CPU taken offline, a disk pulled. The kernel then says ENODEV, not that there is no such file.
            return false;
        }
    }

    /// <summary>Closes the file; the next reading opens it again. Only needed for the file of a device that is gone: collectors live as long as the agent.</summary>
    public void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
