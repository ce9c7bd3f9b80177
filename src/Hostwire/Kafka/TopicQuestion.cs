using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Hostwire.Kafka;

/// <summary>Asks the brokers about a topic, through a client and librdkafka's own <c>rd_kafka_DescribeTopics</c>.</summary>
/// <remarks>
/// Not with Confluent.Kafka's <c>DescribeTopicsAsync</c>: version 2.16 fails at a partition without replicas in sync, as there are when a broker goes or comes back, and with that its thread for answers ends for
/// good. Then nothing that was asked is ever answered, and the next question ends the process (the assertion in <c>rd_kafka_admin_request_op_new</c>).
/// </remarks>
internal sealed class TopicQuestion : IDisposable
{
    // librdkafka answers after the time that the question has, if only that nobody did; this is for its threads.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BorrowedClient _client;
    private readonly GCHandle _self;
    private readonly nint _queue;

    private unsafe TopicQuestion(Handle client, string topic, TimeSpan patience)
    {
        TopicLibrary functions = TopicLibrary.Functions;
        _client = new BorrowedClient(client);
        _self = GCHandle.Alloc(_answered);
        _queue = functions.NewQueue(_client.Pointer);
        functions.EnableQueueEvent(_queue, &Answered, GCHandle.ToIntPtr(_self));
        nint options = functions.NewOptions(_client.Pointer, TopicLibrary.DescribeTopicsOperation);
        nint name = Marshal.StringToCoTaskMemUTF8(topic);
        var names = (byte*)name;
        nint topics = functions.NewTopics(&names, 1);
        _ = functions.SetRequestTimeout(options, (int)patience.TotalMilliseconds, null, 0);
        functions.DescribeTopics(_client.Pointer, topics, options, _queue);
        functions.DestroyTopics(topics);
        functions.DestroyOptions(options);
        Marshal.FreeCoTaskMem(name);
    }

    /// <summary>The topic's id; empty where brokers tell none.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or may not be seen, or nobody answered in time.</exception>
    public static Task<string> IdAsync(Handle client, string topic, TimeSpan patience) => AskAsync(client, topic, patience, IdOf);

    /// <summary>Its id, and its partitions by number.</summary>
    /// <exception cref="KafkaException">As for <see cref="IdAsync"/>.</exception>
    public static Task<(string Id, TopicPartitionState[] Partitions)> DescribeAsync(Handle client, string topic, TimeSpan patience) =>
        AskAsync(client, topic, patience, description => (IdOf(description), PartitionsOf(description)));

    /// <summary>What is wrong with an answer in which there is nothing, of a broker that is not ready: asking again is all there is to do.</summary>
    public static KafkaException Empty() => new(new Error(ErrorCode.Local_Partial, "The answer is empty"));

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        // Once this returns, nobody calls back.
        TopicLibrary.Functions.EnableQueueEvent(_queue, null, 0);
        TopicLibrary.Functions.DestroyQueue(_queue);
        _self.Free();
        _client.Dispose();
    }

    // Called by librdkafka's threads while they hold the queue, so it does nothing but say so.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Answered(nint client, nint self) => ((TaskCompletionSource)GCHandle.FromIntPtr(self).Target!).TrySetResult();

    private static async Task<T> AskAsync<T>(Handle client, string topic, TimeSpan patience, Func<nint, T> read)
    {
        using var question = new TopicQuestion(client, topic, patience);
        try
        {
            await question._answered.Task.WaitAsync(patience + Grace);
        }
        catch (TimeoutException late)
        {
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut), late);
        }

        return question.Read(read);
    }

    private unsafe T Read<T>(Func<nint, T> read)
    {
        TopicLibrary functions = TopicLibrary.Functions;
        nint answer = functions.Poll(_queue, 0);
        if (answer == 0)
        {
            throw Empty();
        }

        try
        {
            if (functions.EventError(answer) is not 0 and var failed)
            {
                throw Refused(failed, functions.EventErrorText(answer));
            }

            nuint count;
            nint* topics = functions.Topics(functions.Result(answer), &count);
            if (count == 0)
            {
                throw Empty();
            }

            nint error = functions.TopicError(*topics);
            if (functions.ErrorCode(error) is not 0 and var refused)
            {
                throw Refused(refused, functions.ErrorText(error));
            }

            return read(*topics);
        }
        finally
        {
            functions.DestroyEvent(answer);
        }
    }

    private static unsafe string IdOf(nint topic)
    {
        TopicLibrary functions = TopicLibrary.Functions;
        nint id = functions.TopicId(topic);
        return id == 0 || (functions.MostSignificantBits(id) == 0 && functions.LeastSignificantBits(id) == 0) ? "" : Marshal.PtrToStringUTF8(functions.IdText(id)) ?? "";
    }

    private static unsafe TopicPartitionState[] PartitionsOf(nint topic)
    {
        TopicLibrary functions = TopicLibrary.Functions;
        nuint count;
        nint* partitions = functions.Partitions(topic, &count);
        var states = new TopicPartitionState[(int)count];
        for (int index = 0; index < states.Length; index++)
        {
            nuint replicas;
            nuint inSync;
            nint* replicaNodes = functions.Replicas(partitions[index], &replicas);
            nint* inSyncNodes = functions.InSync(partitions[index], &inSync);
            states[index] = new(functions.Partition(partitions[index]), Leader(functions.Leader(partitions[index])), NodeIds(replicaNodes, replicas), NodeIds(inSyncNodes, inSync));
        }

        Array.Sort(states, (left, right) => left.Number.CompareTo(right.Number));
        return states;
    }

    private static unsafe string? Leader(nint node)
    {
        TopicLibrary functions = TopicLibrary.Functions;
        return node == 0 || functions.NodeId(node) < 0 ? null : $"{functions.NodeId(node)} ({Marshal.PtrToStringUTF8(functions.NodeHost(node))}:{functions.NodePort(node)})";
    }

    private static unsafe int[] NodeIds(nint* nodes, nuint count)
    {
        int[] ids = new int[(int)count];
        for (int index = 0; index < ids.Length; index++)
        {
            ids[index] = TopicLibrary.Functions.NodeId(nodes[index]);
        }

        return ids;
    }

    private static KafkaException Refused(int code, nint reason) =>
        new(Marshal.PtrToStringUTF8(reason) is { Length: > 0 } text ? new Error((ErrorCode)code, text) : new Error((ErrorCode)code));
}
