using System.Text.Json;

namespace Hostwire.Tests.Otlp;

/// <summary>Compares our OTLP JSON with Google's JSON of the same message: members in any order, numbers as doubles, ids in hexadecimal here and base64 there.</summary>
internal static class JsonComparer
{
    public static void AssertEqual(JsonElement expected, JsonElement actual, string path = "$")
    {
        Assert.True(expected.ValueKind == actual.ValueKind, $"{path}: {expected} against {actual}");
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                AssertMembers(expected, actual, path);
                break;
            case JsonValueKind.Array:
                Assert.True(expected.GetArrayLength() == actual.GetArrayLength(), $"{path}: {expected} against {actual}");
                foreach ((int index, (JsonElement one, JsonElement other)) in expected.EnumerateArray().Zip(actual.EnumerateArray()).Index())
                {
                    AssertEqual(one, other, $"{path}[{index}]");
                }

                break;
            case JsonValueKind.Number:
                Assert.True(Bits(expected) == Bits(actual), $"{path}: {expected} against {actual}");
                break;
            case JsonValueKind.String when path.EndsWith(".traceId", StringComparison.Ordinal) || path.EndsWith(".spanId", StringComparison.Ordinal):
                Assert.Equal(expected.GetBytesFromBase64(), Convert.FromHexString(actual.GetString()!));
                break;
            default:
                Assert.True(string.Equals(expected.ToString(), actual.ToString(), StringComparison.Ordinal), $"{path}: {expected} against {actual}");
                break;
        }
    }

    private static void AssertMembers(JsonElement expected, JsonElement actual, string path)
    {
        string[] names = [.. expected.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(names, actual.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (string name in names)
        {
            AssertEqual(expected.GetProperty(name), actual.GetProperty(name), $"{path}.{name}");
        }
    }

    private static long Bits(JsonElement number) => BitConverter.DoubleToInt64Bits(number.GetDouble());
}
