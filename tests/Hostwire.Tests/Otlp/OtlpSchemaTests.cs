using Google.Protobuf.Reflection;
using Hostwire.Otlp;
using Hostwire.Tests.Otlp.Generated;

namespace Hostwire.Tests.Otlp;

public sealed class OtlpSchemaTests
{
    [Fact]
    public void The_table_of_fields_is_the_one_protoc_reads()
    {
        var seen = new HashSet<OtlpMessage>();
        AssertMessage(ExportMetricsServiceRequest.Descriptor, OtlpMessage.Request, seen);
        Assert.Equal(Enum.GetValues<OtlpMessage>().Except([OtlpMessage.None]).Order(), seen.Order());
    }

    private static void AssertMessage(MessageDescriptor expected, OtlpMessage message, HashSet<OtlpMessage> seen)
    {
        if (!seen.Add(message))
        {
            return;
        }

        IList<FieldDescriptor> fields = expected.Fields.InFieldNumberOrder();
        OtlpField[] found = OtlpSchema.FieldsOf(message).ToArray();
        Assert.Equal(fields.Select(Describe), found.Select(Describe), StringComparer.Ordinal);
        foreach ((FieldDescriptor field, OtlpField ours) in fields.Zip(found).Where(pair => pair.First.FieldType == FieldType.Message))
        {
            AssertMessage(field.MessageType, ours.Message, seen);
        }
    }

    private static string Describe(FieldDescriptor field)
    {
        OtlpCardinality cardinality = field.IsRepeated ? OtlpCardinality.Repeated
            : field.RealContainingOneof is not null ? OtlpCardinality.Oneof
            : field.HasPresence ? OtlpCardinality.Optional
            : OtlpCardinality.Implicit;

        // Enums are int32 on the wire, and numbers in OTLP's JSON.
        string type = field.FieldType == FieldType.Enum ? "Int32" : field.FieldType.ToString();
        return $"{field.FieldNumber} {field.JsonName} {type} {cardinality}";
    }

    private static string Describe(OtlpField field)
    {
        OtlpFieldType type = field.Type == OtlpFieldType.HexBytes ? OtlpFieldType.Bytes : field.Type;
        return $"{field.Number} {field.JsonName} {type} {field.Cardinality}";
    }
}
