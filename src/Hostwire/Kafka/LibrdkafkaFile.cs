using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Hostwire.Kafka;

/// <summary>The file of librdkafka that Confluent.Kafka loads, for the few functions that it does not bind.</summary>
internal static class LibrdkafkaFile
{
    // As Confluent.Kafka itself tries them. The native binary has one of them beside it, under the first name; a build for the .NET runtime has all, of which
    // the first needs libsasl2.so.3, which Debian may not have, and the last is for musl.
    private static readonly string[] Names = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    /// <summary>Finds it beside the executable, as Confluent.Kafka does.</summary>
    /// <exception cref="DllNotFoundException">None of its names can be loaded.</exception>
    public static nint Load()
    {
        foreach (string name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Library).Assembly, searchPath: null, out nint library))
            {
                return library;
            }
        }

        throw new DllNotFoundException($"librdkafka is missing beside the executable: none of {string.Join(", ", Names)} can be loaded.");
    }
}
