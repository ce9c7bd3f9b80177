using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Hostwire.Kafka;

/// <summary>A client's pointer (<c>rd_kafka_t</c>), which Confluent.Kafka keeps to itself, for functions that it does not bind. The client does not end before it is given back.</summary>
internal readonly struct BorrowedClient : IDisposable
{
    private readonly SafeHandle _handle;

    /// <summary>Borrows it.</summary>
    /// <exception cref="ObjectDisposedException">The client has ended.</exception>
    public BorrowedClient(Handle client)
    {
        _handle = (SafeHandle)HandleOf(client);
        bool isHeld = false;
        _handle.DangerousAddRef(ref isHeld);
    }

    /// <summary>The pointer.</summary>
    public nint Pointer => _handle.DangerousGetHandle();

    /// <summary>Gives it back.</summary>
    public void Dispose() => _handle.DangerousRelease();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle client);
}
