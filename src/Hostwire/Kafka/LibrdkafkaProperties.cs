using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Hostwire.Kafka;

/// <summary>
/// Asks librdkafka itself whether it knows a property and takes a value, before any client is made: so a mistake in <c>[kafka.properties]</c> can name its
/// key, and nobody has to keep a list of properties here. Functions of the very file that Confluent.Kafka loads.
/// </summary>
internal static unsafe class LibrdkafkaProperties
{
    // As Confluent.Kafka itself tries them: the first one needs libsasl2.so.3, which Debian does not have; the last one is for musl.
    private static readonly string[] FileNames = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    private const int ErrorLengthMax = 512;
    private const int Unknown = -2;
    private const int Ok = 0;

    /// <summary>Null where librdkafka takes the value; else a sentence that goes on after the key. A secret's value is left out of it.</summary>
    public static string? Problem(string name, string value)
    {
        nint library = Load();
        var set = (delegate* unmanaged<nint, byte*, byte*, byte*, nuint, int>)NativeLibrary.GetExport(library, "rd_kafka_conf_set");
        nint configuration = NewConfiguration(library);
        try
        {
            byte* error = stackalloc byte[ErrorLengthMax];
            fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'), valueBytes = Encoding.UTF8.GetBytes(value + '\0'))
            {
                return set(configuration, nameBytes, valueBytes, error, ErrorLengthMax) switch
                {
                    Ok => null,
                    Unknown => $"is not a property of librdkafka.{Configuration.NearestName.Question(name, Names(library, configuration))}",
                    _ when KafkaProperties.IsSecret(name) => "has a value that librdkafka refuses.",
                    _ => $"is refused by librdkafka: {Marshal.PtrToStringUTF8((nint)error)?.TrimEnd('.')}.",
                };
            }
        }
        finally
        {
            DestroyConfiguration(library, configuration);
        }
    }

    private static nint NewConfiguration(nint library) => ((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "rd_kafka_conf_new"))();

    private static void DestroyConfiguration(nint library, nint configuration) =>
        ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_conf_destroy"))(configuration);

    // The dump lists name and value in turn: every property that has a value, by its first name.
    private static List<string> Names(nint library, nint configuration)
    {
        nuint count;
        byte** dump = ((delegate* unmanaged<nint, nuint*, byte**>)NativeLibrary.GetExport(library, "rd_kafka_conf_dump"))(configuration, &count);
        List<string> names = [.. KafkaProperties.NotListed];
        for (nuint i = 0; i < count; i += 2)
        {
            names.Add(Marshal.PtrToStringUTF8((nint)dump[i]) ?? "");
        }

        ((delegate* unmanaged<byte**, nuint, void>)NativeLibrary.GetExport(library, "rd_kafka_conf_dump_free"))(dump, count);
        return names;
    }

    private static nint Load()
    {
        foreach (string name in FileNames)
        {
            if (NativeLibrary.TryLoad(name, typeof(Library).Assembly, searchPath: null, out nint library))
            {
                return library;
            }
        }

        throw new DllNotFoundException($"librdkafka is missing beside the executable: none of {string.Join(", ", FileNames)} can be loaded.");
    }
}
