using System.Runtime.InteropServices;

namespace Hostwire.Kafka;

/// <summary>The functions of librdkafka (<c>rdkafka.h</c>, 2.16) that ask about a topic; see <see cref="TopicQuestion"/>.</summary>
internal sealed unsafe class TopicLibrary
{
    /// <summary><c>RD_KAFKA_ADMIN_OP_DESCRIBETOPICS</c>.</summary>
    public const int DescribeTopicsOperation = 19;

    private static readonly Lazy<TopicLibrary> Bound = new(() => new TopicLibrary(LibrdkafkaFile.Load()));

    public readonly delegate* unmanaged<nint, nint> NewQueue;
    public readonly delegate* unmanaged<nint, void> DestroyQueue;
    public readonly delegate* unmanaged<nint, delegate* unmanaged[Cdecl]<nint, nint, void>, nint, void> EnableQueueEvent;
    public readonly delegate* unmanaged<nint, int, nint> Poll;
    public readonly delegate* unmanaged<nint, int, nint> NewOptions;
    public readonly delegate* unmanaged<nint, int, byte*, nuint, int> SetRequestTimeout;
    public readonly delegate* unmanaged<nint, void> DestroyOptions;
    public readonly delegate* unmanaged<byte**, nuint, nint> NewTopics;
    public readonly delegate* unmanaged<nint, void> DestroyTopics;
    public readonly delegate* unmanaged<nint, nint, nint, nint, void> DescribeTopics;
    public readonly delegate* unmanaged<nint, int> EventError;
    public readonly delegate* unmanaged<nint, nint> EventErrorText;
    public readonly delegate* unmanaged<nint, void> DestroyEvent;
    public readonly delegate* unmanaged<nint, nint> Result;
    public readonly delegate* unmanaged<nint, nuint*, nint*> Topics;
    public readonly delegate* unmanaged<nint, nint> TopicError;
    public readonly delegate* unmanaged<nint, int> ErrorCode;
    public readonly delegate* unmanaged<nint, nint> ErrorText;
    public readonly delegate* unmanaged<nint, nint> TopicId;
    public readonly delegate* unmanaged<nint, long> MostSignificantBits;
    public readonly delegate* unmanaged<nint, long> LeastSignificantBits;
    public readonly delegate* unmanaged<nint, nint> IdText;
    public readonly delegate* unmanaged<nint, nuint*, nint*> Partitions;
    public readonly delegate* unmanaged<nint, int> Partition;
    public readonly delegate* unmanaged<nint, nint> Leader;
    public readonly delegate* unmanaged<nint, nuint*, nint*> Replicas;
    public readonly delegate* unmanaged<nint, nuint*, nint*> InSync;
    public readonly delegate* unmanaged<nint, int> NodeId;
    public readonly delegate* unmanaged<nint, nint> NodeHost;
    public readonly delegate* unmanaged<nint, ushort> NodePort;

    private TopicLibrary(nint library)
    {
        NewQueue = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_queue_new");
        DestroyQueue = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_queue_destroy");
        EnableQueueEvent = (delegate* unmanaged<nint, delegate* unmanaged[Cdecl]<nint, nint, void>, nint, void>)NativeLibrary.GetExport(library, "rd_kafka_queue_cb_event_enable");
        Poll = (delegate* unmanaged<nint, int, nint>)NativeLibrary.GetExport(library, "rd_kafka_queue_poll");
        NewOptions = (delegate* unmanaged<nint, int, nint>)NativeLibrary.GetExport(library, "rd_kafka_AdminOptions_new");
        SetRequestTimeout = (delegate* unmanaged<nint, int, byte*, nuint, int>)NativeLibrary.GetExport(library, "rd_kafka_AdminOptions_set_request_timeout");
        DestroyOptions = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_AdminOptions_destroy");
        NewTopics = (delegate* unmanaged<byte**, nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_TopicCollection_of_topic_names");
        DestroyTopics = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_TopicCollection_destroy");
        DescribeTopics = (delegate* unmanaged<nint, nint, nint, nint, void>)NativeLibrary.GetExport(library, "rd_kafka_DescribeTopics");
        EventError = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_event_error");
        EventErrorText = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_event_error_string");
        DestroyEvent = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_event_destroy");
        Result = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_event_DescribeTopics_result");
        Topics = (delegate* unmanaged<nint, nuint*, nint*>)NativeLibrary.GetExport(library, "rd_kafka_DescribeTopics_result_topics");
        TopicError = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_TopicDescription_error");
        ErrorCode = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_error_code");
        ErrorText = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_error_string");
        TopicId = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_TopicDescription_topic_id");
        MostSignificantBits = (delegate* unmanaged<nint, long>)NativeLibrary.GetExport(library, "rd_kafka_Uuid_most_significant_bits");
        LeastSignificantBits = (delegate* unmanaged<nint, long>)NativeLibrary.GetExport(library, "rd_kafka_Uuid_least_significant_bits");
        IdText = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_Uuid_base64str");
        Partitions = (delegate* unmanaged<nint, nuint*, nint*>)NativeLibrary.GetExport(library, "rd_kafka_TopicDescription_partitions");
        Partition = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_TopicPartitionInfo_partition");
        Leader = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_TopicPartitionInfo_leader");
        Replicas = (delegate* unmanaged<nint, nuint*, nint*>)NativeLibrary.GetExport(library, "rd_kafka_TopicPartitionInfo_replicas");
        InSync = (delegate* unmanaged<nint, nuint*, nint*>)NativeLibrary.GetExport(library, "rd_kafka_TopicPartitionInfo_isr");
        NodeId = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_Node_id");
        NodeHost = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_Node_host");
        NodePort = (delegate* unmanaged<nint, ushort>)NativeLibrary.GetExport(library, "rd_kafka_Node_port");
    }

    /// <summary>The functions, bound.</summary>
    /// <inheritdoc cref="LibrdkafkaFile.Load" path="/exception"/>
    public static TopicLibrary Functions => Bound.Value;
}
