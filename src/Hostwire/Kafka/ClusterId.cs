using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Hostwire.Kafka;

/// <summary>The id of the cluster that a client last had an answer from, as the client keeps it (<c>rd_kafka_clusterid</c>).</summary>
/// <remarks>
/// Not <c>DescribeCluster</c>: where a broker answers that with neither brokers nor topics, as one does that is just starting or was fenced by its controller for being slow, librdkafka 2.16 ends
/// the process (an assertion in <c>rd_kafka_admin_response_parse</c>).
/// </remarks>
internal static unsafe class ClusterId
{
    private static readonly Lazy<(nint Ask, nint Free)> Functions = new(() =>
    {
        nint library = LibrdkafkaFile.Load();
        return (NativeLibrary.GetExport(library, "rd_kafka_clusterid"), NativeLibrary.GetExport(library, "rd_kafka_mem_free"));
    });

    /// <summary>The id; null where the client has had no answer within the time, or from a broker that tells none.</summary>
    public static string? Of(Handle client, TimeSpan wait)
    {
        using var borrowed = new BorrowedClient(client);
        (nint ask, nint free) = Functions.Value;
        nint text = ((delegate* unmanaged<nint, int, nint>)ask)(borrowed.Pointer, (int)wait.TotalMilliseconds);
        if (text == 0)
        {
            return null;
        }

        string? id = Marshal.PtrToStringUTF8(text);
        ((delegate* unmanaged<nint, nint, void>)free)(borrowed.Pointer, text);
        return id;
    }
}
