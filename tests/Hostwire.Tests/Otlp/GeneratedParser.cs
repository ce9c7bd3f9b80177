using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

/// <summary>What protoc's own parser says of a record.</summary>
internal static class GeneratedParser
{
    public static bool TryParse(byte[] record, [NotNullWhen(true)] out ExportMetricsServiceRequest? request)
    {
        try
        {
            request = ExportMetricsServiceRequest.Parser.ParseFrom(record);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            request = null;
            return false;
        }
    }
}
